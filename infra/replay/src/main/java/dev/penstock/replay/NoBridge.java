package dev.penstock.replay;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// While it is held, no bridge leads: it is the advisory lock that a leader holds.
final class NoBridge implements AutoCloseable {
  private final Connection session;

  /// Takes the session over.
  NoBridge(Connection session, String slot) throws SQLException {
    this.session = session;
    try (PreparedStatement lock =
        session.prepareStatement("select pg_try_advisory_lock(hashtextextended(?, 0))")) {
      lock.setString(1, "penstock " + slot);
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        if (!row.getBoolean(1)) {
          throw new ReplayException(
              "A bridge is running: stop it, and start the command again. Nothing was changed.");
        }
      }
    }
  }

  /// Fails if the session is gone, and the lock with it.
  void requireHeld() {
    try {
      if (session.isValid(5)) {
        return;
      }
    } catch (SQLException e) {
      throw new ReplayException("The database does not answer: " + e.getMessage(), e);
    }
    throw new ReplayException(
        "The connection to the database is gone, so a bridge may run. Start the command again.");
  }

  @Override
  public void close() throws SQLException {
    session.close();
  }
}
