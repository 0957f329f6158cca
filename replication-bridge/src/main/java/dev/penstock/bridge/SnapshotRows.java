package dev.penstock.bridge;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Tuple;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/// The published tables' rows in one snapshot, row by row, as the slot's stream would have them.
final class SnapshotRows implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Connection connection;
  private final String publication;
  private final BridgeMetrics metrics;

  /// Imports the snapshot, which may be forgotten behind this.
  SnapshotRows(Database database, String publication, String snapshot, BridgeMetrics metrics)
      throws SQLException {
    this.publication = publication;
    this.metrics = metrics;
    connection = database.connectForLong("penstock-bridge-snapshot-rows");
    try (Statement statement = connection.createStatement()) {
      statement.execute(LogReplicationConnection.SESSION);
      // A policy would leave rows out, silently.
      statement.execute("set row_security = off");
      connection.setAutoCommit(false);
      statement.execute("set transaction isolation level repeatable read, read only");
      statement.execute("set transaction snapshot '" + snapshot + "'");
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /// Ends what is being read, by any thread.
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits until every session sees what this snapshot shows. Under synchronous replication it can
  /// show a transaction that others do not see yet: a shape's own snapshot would then lack it, and
  /// no change would ever bring it.
  void awaitSeenByAll(Connection others) throws SQLException, InterruptedException {
    String shown = snapshot(connection);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!covers(snapshot(others), shown)) {
      if (System.nanoTime() > deadline) {
        throw new SQLException(
            "transactions of the snapshot are not visible yet: does a synchronous standby lag?");
      }
      Thread.sleep(5);
    }
  }

  private static String snapshot(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_current_snapshot()::text")) {
      row.next();
      return row.getString(1);
    }
  }

  /// Whether everything that one snapshot `xmin:xmax:xip,…` shows is shown by the other.
  static boolean covers(String others, String shown) {
    String[] now = others.split(":", -1);
    String[] then = shown.split(":", -1);
    long xmax = Long.parseLong(then[1]);
    List<String> hidden = List.of(then[2].split(","));
    return Long.parseLong(now[1]) >= xmax
        && Arrays.stream(now[2].split(","))
            .filter(xid -> !xid.isEmpty() && Long.parseLong(xid) < xmax)
            .allMatch(hidden::contains);
  }

  /// Writes the tables' relations and rows as the log's open transaction.
  ///
  /// @param now a session that sees the tables as they are
  void write(LogWriter writer, Connection now) throws SQLException, InterruptedException {
    List<PublishedTable> tables = PublishedTable.of(connection, publication);
    lock(tables);
    if (!PublishedTable.of(now, publication).equals(tables)) {
      // A table that was rewritten meanwhile looks empty in an older snapshot.
      throw new SQLException("a published table was altered while its snapshot was taken");
    }
    Catalog catalog = new Catalog(connection);
    long visible = Long.parseLong(snapshot(connection).split(":", -1)[0]) - 1;
    for (PublishedTable table : tables) {
      Relation relation =
          writer.append(catalog.relation(table.described(), visible, Optional.empty()));
      CopyOut rows = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(table.copy());
      for (byte[] row = rows.readFromCopy(); row != null; row = rows.readFromCopy()) {
        writer.add(new LogEntry.SnapshotRow(relation, tuple(row, relation.columns().size())));
        metrics.row();
      }
    }
  }

  private void lock(List<PublishedTable> tables) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local lock_timeout = '5s'");
      for (PublishedTable table : tables) {
        statement.execute("lock table %s in access share mode".formatted(table.from()));
      }
    }
  }

  /// A line of COPY's text format: values between tabs, with backslashes. It is decoded in place.
  static Tuple tuple(byte[] line, int columns) {
    Tuple.Builder tuple = new Tuple.Builder(columns);
    int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
    int from = 0;
    for (int column = 0; column < columns; column++) {
      int read = from;
      int write = from;
      boolean isNull = read + 1 < end && line[read] == '\\' && line[read + 1] == 'N';
      while (read < end && line[read] != '\t') {
        byte next = line[read++];
        line[write++] = next == '\\' ? unescaped(line[read++]) : next;
      }
      if (isNull) {
        tuple.addNull();
      } else {
        tuple.add(line, from, write - from);
      }
      from = read + 1;
    }
    return tuple.build();
  }

  private static byte unescaped(byte letter) {
    return switch (letter) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 11;
      default -> letter;
    };
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
