package dev.penstock.replay;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Compares the published tables of a source with a copy, by the checksums of their rows.
final class Verification {
  private final Connection source;
  private final Connection copy;
  private final Filter filter;
  private final Consumer<String> say;

  Verification(Connection source, Connection copy, Filter filter, Consumer<String> say) {
    this.source = source;
    this.copy = copy;
    this.filter = filter;
    this.say = say;
  }

  /// Returns whether all are equal.
  boolean run() throws SQLException {
    boolean equal = true;
    for (Change table : published()) {
      if (!filter.wantsTable(table)) {
        continue;
      }
      Checksums expected = checksums(source, table);
      Checksums found = checksums(copy, table);
      boolean same = expected.equals(found);
      equal &= same;
      say.accept(
          "  %-32s %,12d rows  %s %s"
              .formatted(
                  table.qualified(),
                  found.rows(),
                  found.sum(),
                  same ? "equal" : "differs: " + expected.rows() + " rows " + expected.sum()));
    }
    return equal;
  }

  private List<Change> published() throws SQLException {
    List<Change> tables = new ArrayList<>();
    try (Statement statement = source.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select distinct schemaname, tablename from pg_publication_tables order by 1, 2")) {
      while (row.next()) {
        tables.add(new Change("r", row.getString(1), row.getString(2), 0, null, null));
      }
    }
    if (tables.isEmpty()) {
      throw new ReplayException("The database to verify with publishes no table.");
    }
    return tables;
  }

  private static Checksums checksums(Connection connection, Change table) throws SQLException {
    Optional<TargetTable> found = TargetTable.find(connection, table.schema(), table.table());
    return found.isEmpty() ? new Checksums(0, "0") : Checksums.of(connection, found.get());
  }
}
