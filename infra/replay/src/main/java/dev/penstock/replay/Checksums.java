package dev.penstock.replay;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.stream.Collectors;

/// What tells whether two tables have the same rows, in whatever order.
///
/// @param sum of the 64-bit hashes of the rows' texts
record Checksums(long rows, String sum) {
  /// Both sides must show values alike.
  static final String FORMS =
      "set TimeZone = 'UTC'; set DateStyle = 'ISO, DMY'; set IntervalStyle = 'iso_8601'; set"
          + " bytea_output = 'hex'; set extra_float_digits = 1";

  /// Of all rows of a table.
  ///
  /// @param table its columns are compared by name
  static Checksums of(Connection connection, TargetTable table) throws SQLException {
    String columns =
        table.columns().stream()
            .sorted(Comparator.comparing(TargetTable.Column::name))
            .map(column -> "t." + column.quoted())
            .collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      statement.execute(FORMS);
      String query =
          "select count(*), coalesce(sum(hashtextextended(row(%s)::text, 0)), 0)::text from %s as t"
              .formatted(columns, table.quoted());
      try (ResultSet row = statement.executeQuery(query)) {
        row.next();
        return new Checksums(row.getLong(1), row.getString(2));
      }
    }
  }
}
