package dev.penstock.bridge;

import dev.penstock.contracts.log.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What Postgres committed, in commit order, by a second slot with `test_decoding`: nothing of the
/// bridge's own code takes part.
final class Oracle {
  private static final String ROW =
      "id\\[bigint\\]:(\\d+) part\\[text\\]:'([^']*)' body\\[text\\]:'([^']*)'";
  private static final Pattern INSERT = Pattern.compile("table public.fact: INSERT: " + ROW);
  private static final Pattern DELETE = Pattern.compile("table public.fact: DELETE: " + ROW);
  private static final Pattern UPDATE =
      Pattern.compile("table public.fact: UPDATE: old-key: " + ROW + " new-tuple: " + ROW);
  private static final Pattern MESSAGE =
      Pattern.compile("message: transactional: 1 prefix: (\\S+), sz: \\d+ content:(.*)");

  private final String slot;

  Oracle(Connection connection, String slot) throws SQLException {
    this.slot = slot;
    Sql.run(
        connection, "select pg_create_logical_replication_slot('" + slot + "', 'test_decoding')");
  }

  /// One committed transaction with published changes or messages.
  ///
  /// @param changes as [Changes#text] has them
  record Committed(long txid, long endLsn, List<String> changes) {

    @Override
    public String toString() {
      return txid + " " + Lsn.format(endLsn) + " " + changes;
    }
  }

  /// All of them since the slot was made; can be asked once.
  List<Committed> committed(Connection connection) throws SQLException {
    List<Committed> all = new ArrayList<>();
    List<String> changes = new ArrayList<>();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10_000);
      try (ResultSet row =
          statement.executeQuery(
              "select lsn::text, data from pg_logical_slot_get_changes('%s', null, null)"
                  .formatted(slot))) {
        while (row.next()) {
          String data = row.getString(2);
          if (data.startsWith("BEGIN ")) {
            changes = new ArrayList<>();
          } else if (data.startsWith("COMMIT ")) {
            if (!changes.isEmpty()) {
              long txid = Long.parseLong(data.substring("COMMIT ".length()));
              all.add(new Committed(txid, Lsn.parse(row.getString(1)), List.copyOf(changes)));
            }
          } else if (!data.startsWith("table public.aside: ")) {
            changes.add(change(data));
          }
        }
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
    return all;
  }

  private static String change(String data) {
    Matcher insert = INSERT.matcher(data);
    if (insert.matches()) {
      return "I " + row(insert, 1);
    }
    Matcher update = UPDATE.matcher(data);
    if (update.matches()) {
      return "U " + row(update, 1) + " -> " + row(update, 4);
    }
    Matcher delete = DELETE.matcher(data);
    if (delete.matches()) {
      return "D " + row(delete, 1);
    }
    Matcher message = MESSAGE.matcher(data);
    if (message.matches()) {
      return "M " + message.group(1) + " " + message.group(2);
    }
    throw new AssertionError("test_decoding says: " + data);
  }

  private static String row(Matcher matcher, int first) {
    return matcher.group(first) + "," + matcher.group(first + 1) + "," + matcher.group(first + 2);
  }
}
