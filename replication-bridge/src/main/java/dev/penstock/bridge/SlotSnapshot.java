package dev.penstock.bridge;

import dev.penstock.contracts.log.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A slot that was just made, and the snapshot of the database at its consistent point: it has
/// every transaction whose commit lies before, and none other. Open as long as the snapshot is to
/// be imported.
final class SlotSnapshot implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SlotSnapshot.class);

  private final Connection connection;
  private final long lsn;
  private final String name;

  private SlotSnapshot(Connection connection, long lsn, String name) {
    this.connection = connection;
    this.lsn = lsn;
    this.name = name;
  }

  /// Makes a slot of the given options. Postgres waits for every transaction that is running, of
  /// whichever database.
  ///
  /// @param patience how long that may last
  /// @param blocked asked for the oldest transaction that is waited for
  /// @param ended completed when there is no use any more in waiting
  static SlotSnapshot make(
      Database database,
      String command,
      Duration patience,
      Blocked blocked,
      CompletableFuture<?> ended)
      throws SQLException, InterruptedException {
    Connection connection = database.connectForReplication("penstock-bridge-snapshot");
    try {
      CompletableFuture<SlotSnapshot> made =
          CompletableFuture.supplyAsync(
              () -> make(connection, command), task -> Thread.ofVirtual().start(task));
      long deadline = System.nanoTime() + patience.toNanos();
      while (true) {
        try {
          var _ = CompletableFuture.anyOf(made, ended).get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          String whom = blocked.by();
          log.atWarn().log("a new generation waits for a transaction to end: {}", whom);
          if (System.nanoTime() > deadline) {
            throw late(patience, whom);
          }
          continue;
        }
        if (made.isDone()) {
          return made.get();
        }
        throw new IllegalStateException("the term ended before the snapshot was taken");
      }
    } catch (ExecutionException e) {
      abandon(database, connection);
      throw new SQLException("the slot for a snapshot could not be made", e.getCause());
    } catch (SQLException | InterruptedException | RuntimeException e) {
      abandon(database, connection);
      throw e;
    }
  }

  /// A walsender that waits for a transaction does not notice that nobody waits for it any more,
  /// and keeps its slot as long as that.
  private static void abandon(Database database, Connection connection) {
    try (Connection other = database.connect("penstock-bridge-snapshot-end");
        PreparedStatement end = other.prepareStatement("select pg_terminate_backend(?)")) {
      end.setInt(1, connection.unwrap(PGConnection.class).getBackendPID());
      end.execute();
    } catch (SQLException e) {
      log.atDebug().setCause(e).log("the next term ends the snapshot's walsender");
    }
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      log.atDebug().setCause(e).log("the snapshot's connection is gone already");
    }
  }

  /// The name of a temporary slot, by which those of one bridge are known.
  static String temporaryName(String slot) {
    return "%s%08x".formatted(prefix(slot), ThreadLocalRandom.current().nextInt());
  }

  private static String prefix(String slot) {
    return "penstock_snapshot_%08x_".formatted(slot.hashCode());
  }

  /// Ends the walsenders of a leader that died while it waited for its snapshot.
  static void endOlder(Connection connection, String slot) throws SQLException {
    try (PreparedStatement end =
        connection.prepareStatement(
            """
            select pg_terminate_backend(active_pid) from pg_replication_slots
            where temporary and database = current_database() and starts_with(slot_name, ?)\
            """)) {
      end.setString(1, prefix(slot));
      end.execute();
    }
  }

  /// Without a cause: the status shows the innermost message.
  private static SQLException late(Duration patience, String whom) {
    return new SQLException(
        "a new generation's snapshot waits for a transaction that did not end within %s: %s"
            .formatted(patience, whom));
  }

  private static SlotSnapshot make(Connection connection, String command) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(command)) {
      row.next();
      return new SlotSnapshot(connection, Lsn.parse(row.getString(2)), row.getString(3));
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /// Says who is waited for.
  interface Blocked {
    String by() throws SQLException;
  }

  /// The consistent point.
  long lsn() {
    return lsn;
  }

  /// What `set transaction snapshot` takes.
  String name() {
    return name;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
