package dev.penstock.replay;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Which tables and rows are wanted.
///
/// @param tables `table` of the schema public, or `schema.table`; empty for all
/// @param conditions all must hold; one that names a table says nothing about the rows of others
record Filter(List<String> tables, List<Condition> conditions) {
  /// @param table null for every table: one that lacks the column has no such row
  record Condition(@Nullable String table, String column, String value) {
    static Condition parse(String text) {
      int equals = text.indexOf('=');
      String left = equals < 1 ? "" : text.substring(0, equals);
      int dot = left.lastIndexOf('.');
      if (left.isEmpty() || dot == 0 || dot == left.length() - 1) {
        throw new OptionException("--where " + text + ": say column=value or table.column=value.");
      }
      return new Condition(
          dot < 0 ? null : left.substring(0, dot),
          left.substring(dot + 1),
          text.substring(equals + 1));
    }

    @Override
    public String toString() {
      return (table == null ? "" : table + ".") + column + "=" + value;
    }
  }

  static Filter parse(List<String> tables, List<String> where) {
    tables.forEach(table -> {
      if (table.isBlank() || table.startsWith(".") || table.endsWith(".")) {
        throw new OptionException("--table " + table + ": say messages or schema.table.");
      }
    });
    return new Filter(tables, where.stream().map(Condition::parse).toList());
  }

  static Filter everything() {
    return new Filter(List.of(), List.of());
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

  /// Whether a condition is about the table: a filter without conditions is about all.
  boolean concerns(Change change) {
    return conditions.isEmpty() || applying(change).findAny().isPresent();
  }

  /// The tables that are named, with the option that names each.
  Map<String, String> named() {
    Map<String, String> named = new LinkedHashMap<>();
    tables.forEach(table -> named.put(table, "--table " + table));
    conditions.forEach(condition -> {
      if (condition.table() != null) {
        named.putIfAbsent(condition.table(), "--where " + condition);
      }
    });
    return named;
  }

  @Override
  public String toString() {
    return Stream.concat(
            tables.stream().map(table -> "--table " + table),
            conditions.stream().map(condition -> "--where " + condition))
        .collect(Collectors.joining(" "));
  }

  /// Whether the row is wanted; a null one never is.
  boolean matches(Change change, @Nullable JsonNode row) {
    return row != null
        && applying(change).allMatch(condition -> is(row.get(condition.column()), condition));
  }

  /// Whether a row of which only some columns are known may be wanted.
  boolean allows(Change change, JsonNode row) {
    return applying(change)
        .allMatch(condition -> {
          JsonNode value = row.get(condition.column());
          return value == null || value.isNull() || is(value, condition);
        });
  }

  private Stream<Condition> applying(Change change) {
    return conditions.stream()
        .filter(condition -> condition.table() == null || names(condition.table(), change));
  }

  private static boolean is(@Nullable JsonNode value, Condition condition) {
    return value != null
        && !value.isNull()
        && (value.isContainer() ? value.toString() : value.asString()).equals(condition.value());
  }
}
