package dev.penstock.bridge;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Whether the published tables held rows before the slot existed: the slot will never show them.
final class OldRows {
  private OldRows() {}

  static boolean exist(Connection connection, String slot, String publication) throws SQLException {
    long slotAge;
    List<String> tables = new ArrayList<>();
    try (PreparedStatement age =
        connection.prepareStatement(
            "select age(catalog_xmin) from pg_replication_slots where slot_name = ?")) {
      age.setString(1, slot);
      try (ResultSet row = age.executeQuery()) {
        row.next();
        slotAge = row.getLong(1);
      }
    }
    try (PreparedStatement published =
        connection.prepareStatement(
            "select format('%I.%I', schemaname, tablename) from pg_publication_tables"
                + " where pubname = ?")) {
      published.setString(1, publication);
      try (ResultSet row = published.executeQuery()) {
        while (row.next()) {
          tables.add(row.getString(1));
        }
      }
    }
    try (Statement statement = connection.createStatement()) {
      for (String table : tables) {
        try (ResultSet row =
            statement.executeQuery(
                "select exists (select from %s where age(xmin) > %d)".formatted(table, slotAge))) {
          row.next();
          if (row.getBoolean(1)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
