package dev.penstock.bridge;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/// What the slot costs Postgres at one moment.
///
/// @param writtenLsn the end of the WAL
/// @param retainedBytes WAL that Postgres keeps for the slot
/// @param unconfirmedBytes WAL that the bridge has not yet confirmed
/// @param oldestTransaction the age of the oldest open or prepared transaction of the cluster:
///   while it is open, Postgres keeps the WAL since its begin, whatever is confirmed. Another
///   role's transactions are seen only by members of `pg_read_all_stats`.
record WalSample(
    long writtenLsn, long retainedBytes, long unconfirmedBytes, Duration oldestTransaction) {
  private static final String QUERY =
      """
      select pg_current_wal_lsn() - '0/0', pg_current_wal_lsn() - s.restart_lsn,
             pg_current_wal_lsn() - s.confirmed_flush_lsn,
             extract(epoch from clock_timestamp() - least(
               (select min(a.xact_start) from pg_stat_activity a
                where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
                  and (a.backend_xid is not null or a.backend_xmin is not null)),
               (select min(p.prepared) from pg_prepared_xacts p)))
      from pg_replication_slots s where s.slot_name = ? and s.restart_lsn is not null\
      """;

  /// Empty where the slot is not there or is lost.
  static Optional<WalSample> take(Connection connection, String slot) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(QUERY)) {
      query.setString(1, slot);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        long millis = Math.max(0, Math.round(row.getDouble(4) * 1_000));
        return Optional.of(
            new WalSample(
                row.getLong(1), row.getLong(2), row.getLong(3), Duration.ofMillis(millis)));
      }
    }
  }
}
