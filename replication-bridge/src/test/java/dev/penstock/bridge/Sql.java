package dev.penstock.bridge;

import dev.penstock.contracts.Txid;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Statements of tests.
final class Sql {
  private Sql() {}

  /// Runs the statements in one transaction.
  ///
  /// @return its txid
  static long commit(Connection connection, String... statements) throws SQLException {
    long txid = open(connection, statements);
    connection.commit();
    connection.setAutoCommit(true);
    return txid;
  }

  /// Runs the statements in a transaction that stays open.
  static long open(Connection connection, String... statements) throws SQLException {
    connection.setAutoCommit(false);
    for (String sql : statements) {
      run(connection, sql);
    }
    return Txid.current(connection);
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String text(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }
}
