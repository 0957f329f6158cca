package dev.penstock.bridge;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// Whether the published tables hold rows that the slot will never show.
///
/// Asked of the slot itself: a row is new if its transaction is among those that the slot still has
/// to deliver. Where that cannot be said (a row of a savepoint, or too many transactions to look
/// at) the answer is yes: a snapshot that was not needed does no harm.
final class OldRows {
  private static final int CHANGES = 100_000;
  private static final String QUERY_CANCELLED = "57014";

  private OldRows() {}

  static boolean exist(Database database, String slot, String publication) throws SQLException {
    try (Connection connection = database.connectForLong("penstock-bridge-old-rows")) {
      connection.setAutoCommit(false);
      List<PublishedTable> tables;
      try (Statement statement = connection.createStatement()) {
        statement.execute("set transaction isolation level repeatable read");
        statement.execute("set local statement_timeout = '10s'");
        // A policy would hide rows from a role that it concerns: better a refusal.
        statement.execute("set local row_security = off");
        // What this transaction sees is committed, so the slot is asked later, and has it.
        tables = PublishedTable.of(connection, publication);
      }
      boolean any = false;
      for (PublishedTable table : tables) {
        any = any || exists(connection, "select exists (select from %s)".formatted(table.from()));
      }
      return any && exist(connection, slot, publication, tables);
    } catch (SQLException e) {
      if (QUERY_CANCELLED.equals(e.getSQLState())) {
        return true;
      }
      throw e;
    }
  }

  private static boolean exist(
      Connection connection, String slot, String publication, List<PublishedTable> tables)
      throws SQLException {
    Array delivered;
    try (PreparedStatement peek =
        connection.prepareStatement(
            """
            select coalesce(array_agg(distinct xid::text), '{}')
            from pg_logical_slot_peek_binary_changes(
              ?, null, ?, 'proto_version', '1', 'publication_names', ?)\
            """)) {
      peek.setString(1, slot);
      peek.setInt(2, CHANGES);
      peek.setString(3, "\"" + publication + "\"");
      try (ResultSet row = peek.executeQuery()) {
        row.next();
        delivered = row.getArray(1);
      }
    }
    for (PublishedTable table : tables) {
      String query =
          "select exists (select from %s where xmin::text <> all (?::text[]))"
              .formatted(table.from());
      try (PreparedStatement old = connection.prepareStatement(query)) {
        old.setArray(1, delivered);
        try (ResultSet row = old.executeQuery()) {
          row.next();
          if (row.getBoolean(1)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean exists(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
