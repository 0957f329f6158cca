package dev.penstock.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Which tables and rows are wanted.
///
/// @param tables `table` of the schema public, or `schema.table`; empty for all
/// @param conditions all must hold
record Filter(List<String> tables, List<Condition> conditions) {
  /// @param table null for every table: one that lacks the column has no such row
  record Condition(@Nullable String table, String column, String value) {
    static Condition parse(String text) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new ReplayException("--where " + text + ": say column=value or table.column=value.");
      }
      String left = text.substring(0, equals);
      int dot = left.lastIndexOf('.');
      return new Condition(
          dot < 0 ? null : left.substring(0, dot),
          left.substring(dot + 1),
          text.substring(equals + 1));
    }
  }

  Filter {
    tables = tables.stream().sorted().distinct().toList();
    conditions = List.copyOf(conditions);
  }

  boolean wantsTable(Change change) {
    return tables.isEmpty() || tables.stream().anyMatch(table -> names(table, change));
  }

  private static boolean names(String table, Change change) {
    return table.equals(change.qualified())
        || (change.schema().equals("public") && table.equals(change.table()));
  }

  /// Whether the row is wanted; a null one never is.
  boolean matches(Change change, @Nullable JsonNode row) {
    return row != null
        && conditions.stream()
            .allMatch(condition -> {
              String table = condition.table();
              if (table != null && !names(table, change)) {
                return true;
              }
              JsonNode value = row.get(condition.column());
              return value != null
                  && !value.isNull()
                  && (value.isContainer() ? value.toString() : value.asString())
                      .equals(condition.value());
            });
  }
}
