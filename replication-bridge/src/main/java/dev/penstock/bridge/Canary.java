package dev.penstock.bridge;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.management.CanaryLag;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Commits a message now and then that has nothing to say: so there is always something under way,
/// and a way that is stuck shows also where nobody writes. Told of every look at the WAL, by one
/// thread.
final class Canary {
  private static final Logger log = LoggerFactory.getLogger(Canary.class);

  /// One that has not arrived by then may be of a history that was lost.
  private static final Duration LOST = Duration.ofMinutes(1);

  private static final String SEND =
      """
      select pg_logical_emit_message(true, '%s', '') - '0/0',
             (extract(epoch from clock_timestamp()) * 1000000)::bigint\
      """
          .formatted(Outbox.HEARTBEAT);

  private long everyNanos;
  private final CanaryLag lag;
  private boolean underWay;
  private long lsn;
  private long sentMicros;
  private long sentNanos;

  /// @param every zero for none
  Canary(Duration every, CanaryLag lag) {
    this.everyNanos = every.toNanos();
    this.lag = lag;
    this.sentNanos = System.nanoTime() - everyNanos;
  }

  /// @param acknowledged up to where the log has the changes; empty where this instance does not
  ///   lead
  void look(Connection connection, Optional<ResumePoint> acknowledged) throws SQLException {
    if (acknowledged.isEmpty()) {
      underWay = false;
      lag.forget();
      return;
    }
    if (underWay && Long.compareUnsigned(acknowledged.get().commitLsn(), lsn) > 0) {
      underWay = false;
      lag.arrived(sentMicros);
    }
    long wait = underWay ? Math.max(everyNanos, LOST.toNanos()) : everyNanos;
    if (everyNanos > 0 && System.nanoTime() - sentNanos >= wait) {
      send(connection);
    }
  }

  private void send(Connection connection) throws SQLException {
    sentNanos = System.nanoTime();
    try (Statement statement = connection.createStatement()) {
      // A standby that is waited for stops writers, and they say so: this thread must go on.
      statement.execute("set synchronous_commit = local");
      try (ResultSet row = statement.executeQuery(SEND)) {
        row.next();
        lsn = row.getLong(1);
        sentMicros = row.getLong(2);
      }
      underWay = true;
    } catch (SQLException e) {
      if (!WalGuard.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      everyNanos = 0;
      log.atWarn().log("without EXECUTE on pg_logical_emit_message() no canary is sent");
    }
  }
}
