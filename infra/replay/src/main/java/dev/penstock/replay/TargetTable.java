package dev.penstock.replay;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A table that rows are written to, as its catalogue has it.
///
/// @param key the primary key's columns, in its order; none without one
/// @param names of the columns
record TargetTable(
    String schema, String table, List<Column> columns, List<Column> key, Set<String> names) {
  /// @param type in SQL, with its modifier
  /// @param keyIndex the 0-based place in the primary key, -1 outside of it
  record Column(String name, String type, PostgresText text, int keyIndex) {
    String quoted() {
      return quote(name);
    }
  }

  private static final String COLUMNS =
      """
      select a.attname, format_type(a.atttypid, a.atttypmod), a.atttypmod,
        case when t.typlen = -1 and t.typelem <> 0 and t.typelem < 16384 then e.typname
             when a.atttypid < 16384 then t.typname else '' end,
        coalesce(array_position(i.indkey::int2[], a.attnum) - array_lower(i.indkey::int2[], 1), -1)
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_type t on t.oid = a.atttypid
      left join pg_type e on e.oid = t.typelem
      left join pg_index i on i.indrelid = c.oid and i.indisprimary
      where n.nspname = ? and c.relname = ? and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = ''
      order by a.attnum
      """;

  /// Empty if the database has no such table.
  static Optional<TargetTable> find(Connection connection, String schema, String table)
      throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      query.setString(1, schema);
      query.setString(2, table);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          columns.add(
              new Column(
                  row.getString(1),
                  row.getString(2),
                  new PostgresText(row.getString(4), row.getInt(3)),
                  row.getInt(5)));
        }
      }
    }
    return columns.isEmpty() ? Optional.empty() : Optional.of(of(schema, table, columns));
  }

  private static TargetTable of(String schema, String table, List<Column> columns) {
    List<Column> key =
        columns.stream()
            .filter(column -> column.keyIndex() >= 0)
            .sorted(Comparator.comparingInt(Column::keyIndex))
            .toList();
    return new TargetTable(
        schema,
        table,
        List.copyOf(columns),
        key,
        columns.stream().map(Column::name).collect(Collectors.toSet()));
  }

  static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  String quoted() {
    return quote(schema) + "." + quote(table);
  }

  @Nullable String value(Column column, JsonNode row) {
    JsonNode value = row.get(column.name());
    return value == null ? null : column.text().of(value);
  }

  /// Refuses a row that has a column that the table lacks.
  void requireColumns(JsonNode row) {
    for (var field : row.properties()) {
      if (!names.contains(field.getKey()) && !field.getValue().isNull()) {
        throw new ReplayException(
            "The table %s.%s of the target has no column %s: add it, and start the command again."
                .formatted(schema, table, field.getKey()));
      }
    }
  }

  /// The rows as arrays of text, one for each of `given`, cast to their types.
  String source(List<Column> given) {
    List<String> arrays = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      arrays.add("?::text[]");
      names.add("c" + i);
    }
    return "unnest(" + String.join(", ", arrays) + ") as x(" + String.join(", ", names) + ")";
  }

  String upsert() {
    List<String> casts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      casts.add("x.c" + i + "::" + columns.get(i).type());
    }
    return upsert(String.join(", ", casts), source(columns));
  }

  /// Takes the rows from a table with the same columns.
  String upsertFrom(String stage) {
    return upsert(columns.stream().map(Column::quoted).collect(Collectors.joining(", ")), stage);
  }

  private String upsert(String values, String source) {
    String names = columns.stream().map(Column::quoted).collect(Collectors.joining(", "));
    String sets =
        columns.stream()
            .filter(column -> column.keyIndex() < 0)
            .map(column -> column.quoted() + " = excluded." + column.quoted())
            .collect(Collectors.joining(", "));
    String conflict =
        key().isEmpty()
            ? ""
            : " on conflict (%s) do %s"
                .formatted(
                    key().stream().map(Column::quoted).collect(Collectors.joining(", ")),
                    sets.isEmpty() ? "nothing" : "update set " + sets);
    return "insert into %s (%s) overriding system value select %s from %s%s"
        .formatted(quoted(), names, values, source, conflict);
  }

  String delete() {
    return "delete from %s as t using %s where %s"
        .formatted(quoted(), source(key()), matches(key(), 0));
  }

  /// @param given the columns of which a value is known
  String patch(List<Column> given) {
    List<String> sets = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      sets.add(given.get(i).quoted() + " = x.c" + i + "::" + given.get(i).type());
    }
    List<Column> all = new ArrayList<>(given);
    all.addAll(key());
    return "update %s as t set %s from %s where %s"
        .formatted(quoted(), String.join(", ", sets), source(all), matches(key(), given.size()));
  }

  private static String matches(List<Column> key, int first) {
    List<String> matches = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      Column column = key.get(i);
      matches.add("t." + column.quoted() + " = x.c" + (first + i) + "::" + column.type());
    }
    return String.join(" and ", matches);
  }

  /// One row of those that are as given: a table without a primary key has nothing else to tell
  /// them by.
  String deleteOne() {
    List<String> matches = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      matches.add(
          "t.%s::text is not distinct from (x.c%d::%s)::text"
              .formatted(column.quoted(), i, column.type()));
    }
    return "delete from %s where ctid = (select t.ctid from %s as t, %s where %s limit 1)"
        .formatted(quoted(), quoted(), source(columns), String.join(" and ", matches));
  }
}
