package dev.penstock.analytics;

import dev.penstock.analytics.Report.Conversation;
import dev.penstock.analytics.Report.Minute;
import dev.penstock.analytics.Report.StatusCount;
import dev.penstock.analytics.Report.TimeToAnswer;
import dev.penstock.analytics.Report.Totals;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// The same numbers, by SQL on Postgres itself.
record Expected(Connection postgres, String from, String until) {
  private static final String ROW =
      """
      select concat_ws('|', id, conversation_id, role, status, %s, coalesce(reply_to::text, '-'),
        %s, %s) from messages order by 1\
      """;

  Totals totals() throws SQLException {
    return rows(
            """
            select count(*), count(distinct conversation_id), count(*) filter (where role = 'user'),
              count(*) filter (where role = 'assistant' and status = 'completed'),
              sum(length(content)) from messages\
            """,
            row ->
                new Totals(
                    row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)))
        .getFirst();
  }

  List<StatusCount> statuses() throws SQLException {
    return rows(
        "select role, status, count(*) from messages group by 1, 2 order by role collate \"C\", status collate \"C\"",
        row -> new StatusCount(row.getString(1), row.getString(2), row.getLong(3)));
  }

  Report.Window window() throws SQLException {
    return new Report.Window(
        rows(events("null::int"), Expected::time).getFirst(),
        rows(
            events("date_trunc('minute', at_utc)") + " group by 1 order by 1",
            row ->
                new Minute(
                    row.getObject(1, LocalDateTime.class).toInstant(ZoneOffset.UTC),
                    row.getLong(2),
                    row.getLong(3),
                    time(row))),
        rows(
            events("conversation_id") + " group by 1 order by 2 desc, 3 desc, 1 limit 100",
            row ->
                new Conversation(
                    row.getObject(1, UUID.class), row.getLong(2), row.getLong(3), time(row))));
  }

  /// Every row as text.
  List<String> messages() throws SQLException {
    String micros = "(extract(epoch from %s) * 1000000)::bigint";
    return rows(
        ROW.formatted(
                "length(content)", micros.formatted("created_at"), micros.formatted("updated_at"))
            .replace("order by 1", "order by id"),
        row -> row.getString(1));
  }

  /// The same of a DuckDB file.
  static List<String> stored(Connection duckdb) throws SQLException {
    return new Expected(duckdb, "", "")
        .rows(
            ROW.formatted("characters", "epoch_us(created_at)", "epoch_us(updated_at)")
                .replace("order by 1", "order by id"),
            row -> row.getString(1));
  }

  private String events(String by) {
    return """
    with events as (
      select created_at at time zone 'UTC' as at_utc, conversation_id, 1 as q, 0 as a, null::bigint as micros
      from messages where role = 'user' and created_at >= '%1$s' and created_at < '%2$s'
      union all
      select a.updated_at at time zone 'UTC', a.conversation_id, 0, 1,
        (extract(epoch from a.updated_at - q.created_at) * 1000000)::bigint
      from messages a left join messages q on q.id = a.reply_to
      where a.role = 'assistant' and a.status = 'completed'
        and a.updated_at >= '%1$s' and a.updated_at < '%2$s')
    select %3$s, sum(q), sum(a), count(micros),
      percentile_disc(0.5) within group (order by micros) / 1000.0,
      percentile_disc(0.9) within group (order by micros) / 1000.0,
      percentile_disc(0.99) within group (order by micros) / 1000.0
    from events\
    """
        .formatted(from, until, by);
  }

  private static TimeToAnswer time(ResultSet row) throws SQLException {
    return row.getLong(4) == 0
        ? new TimeToAnswer(0, null, null, null)
        : new TimeToAnswer(row.getLong(4), row.getDouble(5), row.getDouble(6), row.getDouble(7));
  }

  private interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  private <T> List<T> rows(String sql, Reading<T> reading) throws SQLException {
    List<T> rows = new ArrayList<>();
    try (Statement statement = postgres.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.add(reading.of(row));
      }
    }
    return rows;
  }
}
