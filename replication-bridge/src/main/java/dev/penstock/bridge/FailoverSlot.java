package dev.penstock.bridge;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The slot's property that lets standbys keep a copy of it (`sync_replication_slots`), with which
/// the log goes on after a promotion. Postgres has it since version 17.
final class FailoverSlot {
  private static final Logger log = LoggerFactory.getLogger(FailoverSlot.class);
  private static final int SINCE = 17;

  private FailoverSlot() {}

  static boolean known(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseMajorVersion() >= SINCE;
  }

  /// Sets it where it is not; the slot is nobody's at the moment. A slot without it still serves,
  /// so a refusal is said and does not end the term.
  static void ensure(Database database, Slot slot) {
    if (slot.failover() || !slot.lost().isEmpty()) {
      return;
    }
    try (Connection connection = database.connectForReplication("penstock-bridge-failover");
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER_REPLICATION_SLOT \"%s\" (FAILOVER true)".formatted(slot.name()));
    } catch (SQLException e) {
      log.atWarn().setCause(e).log("standbys keep no copy of the replication slot");
    }
  }
}
