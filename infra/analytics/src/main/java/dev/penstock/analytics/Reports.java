package dev.penstock.analytics;

import dev.penstock.analytics.Report.Conversation;
import dev.penstock.analytics.Report.Minute;
import dev.penstock.analytics.Report.Position;
import dev.penstock.analytics.Report.StatusCount;
import dev.penstock.analytics.Report.TimeToAnswer;
import dev.penstock.analytics.Report.Totals;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The questions that the store can be asked. One report is one transaction: its numbers belong
/// together.
final class Reports {
  private static final int LONGEST_SECONDS = 10;

  private static final String POSITIONS =
      "select part, next_offset, commit_lsn::varchar from positions order by part";
  private static final String TOTALS =
      """
      select count(*), count(distinct conversation_id), count(*) filter (role = 'user'),
        count(*) filter (role = 'assistant' and status = 'completed'),
        coalesce(sum(characters), 0)::bigint
      from messages where $1 is null or conversation_id = $1\
      """;
  private static final String STATUSES =
      """
      select role, status, count(*) from messages where $1 is null or conversation_id = $1
      group by role, status order by role, status\
      """;

  // A question counts when it was asked, an answer when it was completed.
  private static final String EVENTS =
      """
      with events as (
        select created_at as moment, conversation_id, 1 as question, 0 as answer, null as micros
        from messages
        where role = 'user' and created_at >= $2 and created_at < $3
          and ($1 is null or conversation_id = $1)
        union all
        select a.updated_at, a.conversation_id, 0, 1, epoch_us(a.updated_at) - epoch_us(q.created_at)
        from messages a left join messages q on q.id = a.reply_to
        where a.role = 'assistant' and a.status = 'completed'
          and a.updated_at >= $2 and a.updated_at < $3
          and ($1 is null or a.conversation_id = $1))
      select %s, coalesce(sum(question), 0)::bigint, coalesce(sum(answer), 0)::bigint,
        count(micros), quantile_disc(micros, [0.5, 0.9, 0.99])
      from events\
      """;
  private static final String WHOLE = EVENTS.formatted("null");
  private static final String PER_MINUTE =
      EVENTS.formatted("date_trunc('minute', moment)") + " group by 1 order by 1";
  private static final String PER_CONVERSATION =
      EVENTS.formatted("conversation_id") + " group by 1 order by 2 desc, 3 desc, 1 limit ";

  private final Store store;

  Reports(Store store) {
    this.store = store;
  }

  Report report(ReportQuery query) throws SQLException {
    try (Connection reader = store.reader()) {
      reader.setAutoCommit(false);
      Asked asked = new Asked(reader, query);
      Report report =
          new Report(
              query.until(),
              query.minutes(),
              asked.rows(
                  POSITIONS, row -> new Position(row.getInt(1), row.getLong(2), row.getString(3))),
              asked.rows("select count(*) from quarantine", row -> row.getLong(1)).getFirst(),
              asked
                  .rows(
                      TOTALS,
                      row ->
                          new Totals(
                              row.getLong(1),
                              row.getLong(2),
                              row.getLong(3),
                              row.getLong(4),
                              row.getLong(5)))
                  .getFirst(),
              asked.rows(
                  STATUSES,
                  row -> new StatusCount(row.getString(1), row.getString(2), row.getLong(3))),
              new Report.Window(
                  asked.rows(WHOLE, Reports::time).getFirst(),
                  asked.rows(PER_MINUTE, Reports::minute),
                  asked.rows(PER_CONVERSATION + query.conversations(), Reports::conversation)));
      reader.rollback();
      return report;
    }
  }

  private static Minute minute(ResultSet row) throws SQLException {
    LocalDateTime at = row.getObject(1, LocalDateTime.class);
    return new Minute(at.toInstant(ZoneOffset.UTC), row.getLong(2), row.getLong(3), time(row));
  }

  private static Conversation conversation(ResultSet row) throws SQLException {
    return new Conversation(
        row.getObject(1, UUID.class), row.getLong(2), row.getLong(3), time(row));
  }

  private static TimeToAnswer time(ResultSet row) throws SQLException {
    Array micros = row.getArray(5);
    if (micros == null) {
      return new TimeToAnswer(0, null, null, null);
    }
    Object[] three = (Object[]) micros.getArray();
    return new TimeToAnswer(row.getLong(4), millis(three[0]), millis(three[1]), millis(three[2]));
  }

  private static Double millis(Object micros) {
    return ((Number) micros).longValue() / 1_000.0;
  }

  private interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  /// @param reader within one transaction
  private record Asked(Connection reader, ReportQuery query) {
    <T> List<T> rows(String sql, Reading<T> reading) throws SQLException {
      List<T> rows = new ArrayList<>();
      try (PreparedStatement select = reader.prepareStatement(sql)) {
        select.setQueryTimeout(LONGEST_SECONDS);
        bind(select, sql);
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            rows.add(reading.of(row));
          }
        }
      }
      return rows;
    }

    private void bind(PreparedStatement select, String sql) throws SQLException {
      @Nullable UUID conversation = query.conversation();
      if (sql.contains("$1")) {
        select.setObject(1, conversation);
      }
      if (sql.contains("$2")) {
        select.setObject(2, LocalDateTime.ofInstant(query.from(), ZoneOffset.UTC));
        select.setObject(3, LocalDateTime.ofInstant(query.until(), ZoneOffset.UTC));
      }
    }
  }
}
