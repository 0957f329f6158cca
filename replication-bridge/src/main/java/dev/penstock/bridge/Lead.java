package dev.penstock.bridge;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The right to read the slot: an advisory lock, held by a session of its own that is pinged every
/// second. The server ends the session after 3 s without a ping, so a frozen holder loses the lead;
/// whoever loses the session has lost the lead.
final class Lead implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Lead.class);
  static final Duration PING = Duration.ofSeconds(1);
  private static final Duration ATTEMPT = Duration.ofMillis(250);

  private final Connection session;
  private final CountDownLatch closed = new CountDownLatch(1);

  private Lead(Connection session) {
    this.session = session;
  }

  /// Waits, as a standby, until the lead is free.
  ///
  /// It asks four times a second rather than wait inside of `pg_advisory_lock`: a statement that
  /// waits for days holds back vacuum, and its session cannot be pinged.
  ///
  /// @param stop ends the waiting when it is counted down
  /// @param standby told once, when another one is found to hold the lead
  /// @return null if stopped
  static @org.jspecify.annotations.Nullable Lead await(
      Database database, String slot, CountDownLatch stop, Runnable standby)
      throws SQLException, InterruptedException {
    Connection session = database.connect("penstock-bridge-lead");
    try {
      try (Statement statement = session.createStatement()) {
        statement.execute("set idle_session_timeout = '3s'");
      }
      boolean told = false;
      do {
        if (take(session, slot)) {
          return new Lead(session);
        }
        if (!told) {
          standby.run();
          told = true;
        }
      } while (!stop.await(ATTEMPT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (SQLException | InterruptedException | RuntimeException e) {
      session.close();
      throw e;
    }
    session.close();
    return null;
  }

  private static boolean take(Connection session, String slot) throws SQLException {
    try (PreparedStatement lock =
        session.prepareStatement("select pg_try_advisory_lock(hashtextextended(?, 0))")) {
      lock.setString(1, "penstock " + slot);
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /// Pings until closed or lost.
  ///
  /// @param before asked before each ping
  /// @param held told, after a ping that the server answered, what `before` said: of that moment it
  ///   is certain that the lead was held
  <T> void watch(Supplier<T> before, Consumer<T> held, Consumer<Throwable> lost) {
    Thread.ofPlatform().daemon().name("penstock-bridge-lead").start(() -> ping(before, held, lost));
  }

  private <T> void ping(Supplier<T> before, Consumer<T> held, Consumer<Throwable> lost) {
    try {
      while (!closed.await(PING.toMillis(), TimeUnit.MILLISECONDS)) {
        T seen = before.get();
        if (!session.isValid(2)) {
          lost.accept(new SQLException("the session that holds the lead is gone"));
          return;
        }
        held.accept(seen);
      }
    } catch (SQLException | InterruptedException | RuntimeException e) {
      lost.accept(e);
    }
  }

  /// Gives the lead up.
  @Override
  public void close() throws SQLException {
    closed.countDown();
    session.close();
    log.atDebug().log("gave the lead up");
  }
}
