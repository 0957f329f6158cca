package dev.penstock.shapes.snapshot;

import dev.penstock.shapes.shape.Visibility;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Transactions that are committed in the WAL, so perhaps in the log, and wait for a synchronous
/// standby before they become visible.
///
/// @param xids theirs, of those that have one at hand
/// @param unknown whether there may be others: of a prepared transaction, or hidden from the role
record Hanging(List<Integer> xids, boolean unknown) {
  static final Hanging NONE = new Hanging(List.of(), false);

  /// Another role's wait is shown to members of `pg_read_all_stats`; its xid to everybody.
  private static final String SQL =
      """
      select backend_xid::text,
             wait_event is null and state is null and pid <> pg_backend_pid(),
             coalesce(wait_event = 'SyncRep', false)
      from pg_stat_activity
      where backend_type = 'client backend'
        and (wait_event = 'SyncRep'
          or (backend_xid is not null and current_setting('synchronous_standby_names') <> ''))
      """;

  /// Looks in a transaction of its own, which must be over before the snapshot is taken: what hangs
  /// in the snapshot hung here too, or was committed since.
  static Hanging read(Connection connection) throws SQLException {
    List<Integer> xids = new ArrayList<>();
    boolean unknown = false;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SQL)) {
      while (row.next()) {
        String xid = row.getString(1);
        if (xid == null) {
          unknown = true;
        } else if (row.getBoolean(2) || row.getBoolean(3)) {
          xids.add((int) Long.parseLong(xid));
        }
      }
    }
    connection.rollback();
    return new Hanging(List.copyOf(xids), unknown);
  }

  /// Whether a snapshot that was taken afterwards sees them all.
  boolean isSeen(Visibility visibility) {
    return !unknown && xids.stream().allMatch(visibility::sees);
  }
}
