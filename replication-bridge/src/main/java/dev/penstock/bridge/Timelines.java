package dev.penstock.bridge;

import dev.penstock.contracts.log.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;

/// Where a promoted standby's history left that of the primary before it.
final class Timelines {
  private Timelines() {}

  /// The LSN up to which `current` has the WAL of the timeline `earlier`; empty if it does not
  /// descend from it.
  static OptionalLong leftAt(Database database, int earlier, int current) throws SQLException {
    if (current < earlier) {
      // Restored from before the promotion; and timeline 1 has no history to ask for.
      return OptionalLong.empty();
    }
    try (Connection connection = database.connectForReplication("penstock-bridge-timelines");
        Statement statement = connection.createStatement();
        ResultSet history = statement.executeQuery("TIMELINE_HISTORY " + current)) {
      history.next();
      return leftAt(history.getString(2), earlier);
    }
  }

  /// Each line is the timeline that was left, where, and why.
  static OptionalLong leftAt(String history, int earlier) {
    return history
        .lines()
        .map(String::trim)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .map(line -> line.split("\\s+", 3))
        .filter(parts -> parts.length >= 2 && Integer.parseInt(parts[0]) == earlier)
        .mapToLong(parts -> Lsn.parse(parts[1]))
        .findFirst();
  }
}
