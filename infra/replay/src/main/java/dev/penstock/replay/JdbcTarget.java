package dev.penstock.replay;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The tables of a Postgres. Rows and position are written in the same database transactions.
final class JdbcTarget implements Target {
  private final Connection connection;
  private final String job;
  private final boolean merge;
  private final MissingTables missing;
  private final Optional<Position> start;
  private final Map<String, PendingRows> tables = new LinkedHashMap<>();
  private final Map<String, Boolean> known = new HashMap<>();
  private boolean stores;
  private long incomplete;

  /// @param merge whether tables may have rows from elsewhere
  JdbcTarget(Connection connection, String job, boolean merge, MissingTables missing) {
    this.connection = connection;
    this.job = job;
    this.merge = merge;
    this.missing = missing;
    try {
      connection.setAutoCommit(false);
      // Constraints and triggers of the target would see rows in another order than they allow.
      run("savepoint before_role");
      try {
        run("set session_replication_role = replica");
      } catch (SQLException e) {
        run("rollback to savepoint before_role");
        run("set constraints all deferred");
      }
      start = stored();
      connection.commit();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private Optional<Position> stored() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select to_regclass('penstock_replay') is not null")) {
      row.next();
      if (!row.getBoolean(1)) {
        return Optional.empty();
      }
    }
    try (PreparedStatement query =
        connection.prepareStatement("select position from penstock_replay where job = ?")) {
      query.setString(1, job);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(Position.parse(row.getString(1))) : Optional.empty();
      }
    }
  }

  @Override
  public Optional<Position> position() {
    return start;
  }

  @Override
  public void accept(ArchiveRecord record, Replayed change) {
    try {
      switch (change) {
        case Replayed.Row(Change row) -> row(record, row);
        case Replayed.Gone(Change row) -> {
          PendingRows rows = rows(row);
          JsonNode before = row.before();
          if (before != null && !rows.table().key().isEmpty()) {
            rows.remove(before);
          } else if (before != null) {
            flush();
            rows.deleteOne(connection, before);
          }
        }
        case Replayed.Truncated(Change truncation, boolean first) -> {
          if (!first) {
            return;
          }
          PendingRows rows = rows(truncation);
          flush();
          // Not TRUNCATE, which foreign keys forbid even where they are not enforced.
          run("delete from " + rows.table().quoted());
        }
        case Replayed.Event _ ->
            throw new ReplayException("Events have no table: replay them into a topic or a file.");
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void row(ArchiveRecord record, Change change) throws SQLException {
    PendingRows rows = rows(change);
    JsonNode after = change.after();
    if (after == null) {
      return;
    }
    if (record.record().headers().lastHeader("oversize") != null) {
      incomplete++;
      if (!change.op().equals("u")) {
        return;
      }
    }
    JsonNode before = change.before();
    if (rows.table().key().isEmpty() && before != null) {
      flush();
      rows.deleteOne(connection, before);
    }
    rows.put(after);
  }

  private PendingRows rows(Change change) throws SQLException {
    PendingRows rows = tables.get(change.qualified());
    if (rows == null) {
      TargetTable table = missing.findOrMake(connection, change.schema(), change.table());
      requireOurs(table);
      rows = new PendingRows(table, tables.size());
      tables.put(change.qualified(), rows);
    }
    return rows;
  }

  /// Rows from elsewhere would be mixed with those of the archive.
  private void requireOurs(TargetTable table) throws SQLException {
    if (merge || start.isPresent() || known.put(table.quoted(), true) != null) {
      return;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select exists (select from " + table.quoted() + ")")) {
      if (row.next() && row.getBoolean(1)) {
        throw new ReplayException(
            "The table %s of the target has rows that no replay wrote: take an empty database, or say --merge."
                .formatted(table.quoted()));
      }
    }
  }

  /// Keys are written once each, so their order is free: deletes first, since a unique value may
  /// have moved on to another row.
  private void flush() throws SQLException {
    for (PendingRows rows : new ArrayList<>(tables.values()).reversed()) {
      rows.delete(connection);
    }
    for (PendingRows rows : tables.values()) {
      rows.write(connection);
    }
  }

  @Override
  public void commit(Position position) {
    try {
      flush();
      if (!stores) {
        run(
            "create table if not exists penstock_replay (job text primary key, position text not"
                + " null, at timestamptz not null default now())");
        stores = true;
      }
      try (PreparedStatement upsert =
          connection.prepareStatement(
              "insert into penstock_replay (job, position) values (?, ?) on conflict (job) do"
                  + " update set position = excluded.position, at = now()")) {
        upsert.setString(1, job);
        upsert.setString(2, position.toJson().toString());
        upsert.executeUpdate();
      }
      connection.commit();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  @Override
  public long incomplete() {
    return incomplete;
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static ReplayException failed(SQLException e) {
    return new ReplayException("The target database refused: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      connection.rollback();
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
