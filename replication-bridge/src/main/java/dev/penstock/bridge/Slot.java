package dev.penstock.bridge;

import dev.penstock.contracts.log.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/// What Postgres knows of the slot and of itself.
///
/// @param confirmedLsn up to where Postgres was told to forget
/// @param activePid the walsender that reads it, 0 if none does
/// @param lost why nothing can be read from it any more, empty if it can
/// @param failover whether standbys keep a copy of it
record Slot(String name, long confirmedLsn, int activePid, String lost, boolean failover) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// @throws SQLException if the slot is not there or is lost: the next term opens a new generation
  /// @throws BridgeException if only a person can mend it
  static Slot read(Connection connection, String name, String publication) throws SQLException {
    Slot slot = find(connection, name, publication).orElse(null);
    if (slot == null) {
      throw new SQLException("the replication slot \"%s\" is gone".formatted(name));
    }
    if (!slot.lost().isEmpty()) {
      throw new SQLException(
          "the replication slot \"%s\" is lost: %s".formatted(name, slot.lost()));
    }
    return slot;
  }

  /// The slot, if there is one, usable or lost.
  ///
  /// @throws BridgeException if the publication does not exist, or the name is another's
  static Optional<Slot> find(Connection connection, String name, String publication)
      throws SQLException {
    String query =
        """
        select s.slot_type, s.plugin, s.database = current_database(), s.confirmed_flush_lsn::text,
               coalesce(s.active_pid, 0), s.wal_status, to_jsonb(s)->>'invalidation_reason',
               coalesce((to_jsonb(s)->>'failover')::boolean, false), s.slot_name is not null
        from pg_publication p left join pg_replication_slots s on s.slot_name = ?
        where p.pubname = ?\
        """;
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, name);
      statement.setString(2, publication);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new BridgeException(
              "the publication \"%s\" does not exist: run the migrations".formatted(publication));
        }
        if (!row.getBoolean(9)) {
          return Optional.empty();
        }
        if (!"logical".equals(row.getString(1))
            || !"pgoutput".equals(row.getString(2))
            || !row.getBoolean(3)) {
          throw new BridgeException(
              "the replication slot \"%s\" is not one of pgoutput in this database"
                  .formatted(name));
        }
        String confirmed = row.getString(4);
        String reason = row.getString(7);
        String lost = "";
        if ("lost".equals(row.getString(6)) || confirmed == null) {
          lost = reason == null ? "Postgres dropped WAL that it needed" : "invalidated: " + reason;
        }
        return Optional.of(
            new Slot(
                name,
                confirmed == null ? 0 : Lsn.parse(confirmed),
                row.getInt(5),
                lost,
                row.getBoolean(8)));
      }
    }
  }

  /// Ends the walsender of an earlier leader, so that nothing is confirmed behind this one's back.
  static void endWalsender(Connection connection, String name, String publication)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<Slot> slot = find(connection, name, publication);
      if (slot.isEmpty() || slot.get().activePid() == 0) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new SQLException("the slot's old walsender does not end");
      }
      try (PreparedStatement end = connection.prepareStatement("select pg_terminate_backend(?)")) {
        end.setInt(1, slot.get().activePid());
        end.execute();
      }
      Thread.sleep(20);
    }
  }
}
