package dev.penstock.shapes;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A generated shape definition, and what Postgres says is in it.
///
/// @param where null for all rows
/// @param parameter the value of `$1`, null without one
/// @param columns the selected ones, in table order
/// @param subsets clauses that together hold every row, for a shape that is loaded by subsets;
///   empty for one that starts with a snapshot
record RandomShape(
    RandomTable table,
    @Nullable String where,
    @Nullable String parameter,
    List<String> columns,
    boolean allColumns,
    boolean full,
    List<String> subsets) {

  static RandomShape next(Random random) {
    RandomTable table = RandomTable.any(random);
    boolean all = random.nextInt(3) > 0;
    List<String> columns = new ArrayList<>();
    for (String column : table.columns()) {
      if (all || table.key().contains(column) || random.nextBoolean()) {
        columns.add(column);
      }
    }
    String where = random.nextInt(6) == 0 ? null : clause(random, table, 2);
    String parameter = where != null && where.contains("$1") ? pick(random, "a", "b", "c") : null;
    int cut = 5 + random.nextInt(40);
    String id = table.columns().getFirst();
    List<String> subsets =
        random.nextInt(4) > 0
            ? List.of()
            : random.nextBoolean()
                ? List.of("true = true")
                : List.of(
                    "\"%s\" <= %d".formatted(id, cut), "NOT (\"%s\" <= %d)".formatted(id, cut));
    return new RandomShape(
        table, where, parameter, List.copyOf(columns), all, random.nextBoolean(), subsets);
  }

  private static String clause(Random random, RandomTable table, int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return leaf(random, table);
    }
    String left = clause(random, table, depth - 1);
    return switch (random.nextInt(4)) {
      case 0 -> left + " AND " + clause(random, table, depth - 1);
      case 1 -> left + " OR " + clause(random, table, depth - 1);
      case 2 -> "NOT (" + left + ")";
      default -> "(" + left + ")";
    };
  }

  private static String leaf(Random random, RandomTable table) {
    String operator = pick(random, "=", "<>", "<", ">", "<=", ">=");
    String number = table.number() + " " + operator + " " + random.nextInt(50);
    if (!table.isItems()) {
      return switch (random.nextInt(4)) {
        case 0 -> table.number() + " IS NULL";
        case 1 -> table.text() + pick(random, " LIKE 'x%'", " = 'yy'", " ILIKE '%Y%'");
        case 2 -> table.number() + " BETWEEN 10 AND " + random.nextInt(50);
        default -> number;
      };
    }
    return switch (random.nextInt(13)) {
      case 0, 1 -> "kind = " + pick(random, "'a'", "'b'", "'c'", "$1");
      case 2 -> "kind " + pick(random, "", "NOT ") + "IN ('a', 'c')";
      case 3 -> "kind = ANY('{b,c}')";
      case 4 -> "kind IS " + pick(random, "NULL", "NOT NULL", "DISTINCT FROM 'a'");
      case 5 -> "flag" + pick(random, "", " IS NOT TRUE", " = false", " IS NULL");
      case 6 -> "name " + operator + " 'x5'";
      case 7 -> "name " + pick(random, "LIKE 'x%'", "ILIKE '%Y%'", "NOT LIKE '_7'");
      case 8 -> "at " + operator + " '2026-01-05T00:00:00Z'";
      case 9 -> "price " + operator + " " + pick(random, "1.5", "20", "0.10");
      case 10 -> "uid = '00000000-0000-0000-0000-00000000000" + random.nextInt(4) + "'";
      case 11 -> "n BETWEEN 10 AND 30";
      default -> number;
    };
  }

  /// The parameters of a request.
  List<String> definition() {
    List<String> all = new ArrayList<>(List.of("table", table.name()));
    if (where != null) {
      all.addAll(List.of("where", where));
    }
    if (parameter != null) {
      all.addAll(List.of("params[1]", parameter));
    }
    if (!allColumns) {
      all.addAll(List.of("columns", "\"" + String.join("\",\"", columns) + "\""));
    }
    if (full) {
      all.addAll(List.of("replica", "full"));
    }
    all.addAll(List.of("log", subsets.isEmpty() ? "full" : "changes_only"));
    return all;
  }

  /// The rows that Postgres has now, by their keys on the wire.
  Map<String, Map<String, @Nullable String>> expected(Statement statement) throws SQLException {
    String filter = where == null ? "" : " where " + where.replace("$1", "'" + parameter + "'");
    String selected = String.join("::text, ", columns) + "::text";
    String keys = String.join("::text, ", table.key()) + "::text";
    Map<String, Map<String, @Nullable String>> rows = new TreeMap<>();
    try (ResultSet row =
        statement.executeQuery(
            "select " + selected + ", " + keys + " from " + table.name() + filter)) {
      while (row.next()) {
        Map<String, @Nullable String> value = new TreeMap<>();
        for (int i = 0; i < columns.size(); i++) {
          value.put(columns.get(i), row.getString(i + 1));
        }
        StringBuilder key = new StringBuilder("\"public\".\"" + table.name() + "\"");
        for (int i = 0; i < table.key().size(); i++) {
          String text = row.getString(columns.size() + i + 1);
          key.append(text == null ? "/_" : "/\"" + text.replace("/", "//") + "\"");
        }
        rows.put(key.toString(), value);
      }
    }
    return rows;
  }

  static String pick(Random random, String... values) {
    return values[random.nextInt(values.length)];
  }
}
