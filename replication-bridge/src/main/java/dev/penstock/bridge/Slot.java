package dev.penstock.bridge;

import dev.penstock.contracts.log.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/// What Postgres knows of the slot and of itself.
///
/// @param confirmedLsn up to where Postgres was told to forget
/// @param activePid the walsender that reads it, 0 if none does
record Slot(String name, long confirmedLsn, int activePid) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// @throws BridgeException if the slot or the publication is not there or cannot be used
  static Slot read(Connection connection, String name, String publication) throws SQLException {
    String query =
        """
        select s.slot_type, s.plugin, s.database = current_database(), s.confirmed_flush_lsn::text,
               coalesce(s.active_pid, 0), s.wal_status,
               exists (select from pg_publication where pubname = ?)
        from pg_replication_slots s where s.slot_name = ?\
        """;
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, publication);
      statement.setString(2, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new BridgeException(
              "the replication slot \"%s\" does not exist: run the migrations".formatted(name));
        }
        if (!row.getBoolean(7)) {
          throw new BridgeException(
              "the publication \"%s\" does not exist: run the migrations".formatted(publication));
        }
        if (!"logical".equals(row.getString(1))
            || !"pgoutput".equals(row.getString(2))
            || !row.getBoolean(3)) {
          throw new BridgeException(
              "the replication slot \"%s\" is not one of pgoutput in this database"
                  .formatted(name));
        }
        if ("lost".equals(row.getString(6))) {
          throw new BridgeException(
              "the replication slot \"%s\" is lost: Postgres dropped WAL that it needed"
                  .formatted(name));
        }
        return new Slot(name, Lsn.parse(row.getString(4)), row.getInt(5));
      }
    }
  }

  /// Ends the walsender of an earlier leader, so that nothing is confirmed behind this one's back.
  static void endWalsender(Connection connection, String name, String publication)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Slot slot = read(connection, name, publication);
      if (slot.activePid() == 0) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new SQLException("the slot's old walsender does not end");
      }
      try (PreparedStatement end = connection.prepareStatement("select pg_terminate_backend(?)")) {
        end.setInt(1, slot.activePid());
        end.execute();
      }
      Thread.sleep(20);
    }
  }
}
