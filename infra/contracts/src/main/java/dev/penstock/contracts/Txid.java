package dev.penstock.contracts;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// The txid of the running transaction, as pgoutput, Kafka's headers and a shape's `txids` show it:
/// the unsigned 32-bit xid.
///
/// The 64-bit xid8 equals it only until the cluster has used 2^32 transactions, and never after.
public final class Txid {
  /// Must run inside the writing transaction: outside, it assigns and returns the id of another
  /// one.
  public static final String CURRENT = "select pg_current_xact_id()::xid::text";

  private Txid() {}

  /// The txid of `connection`'s open transaction, 0 to 4294967295.
  ///
  /// @throws IllegalStateException if the connection is in auto-commit, where the id would belong
  ///   to this query alone
  public static long current(Connection connection) throws SQLException {
    if (connection.getAutoCommit()) {
      throw new IllegalStateException(
          "a txid is read inside the writing transaction, not in auto-commit");
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(CURRENT)) {
      row.next();
      return Long.parseLong(row.getString(1));
    }
  }
}
