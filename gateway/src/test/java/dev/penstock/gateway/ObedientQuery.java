package dev.penstock.gateway;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// A shape as SQL, its parameters pasted as they came. Of Electric's own checks it has one: what
/// `queryable_columns` leaves out, a subset cannot name.
final class ObedientQuery {
  private static final Pattern PARAMETER = Pattern.compile("\\$(\\d+)");

  private final Map<String, String> parameters;

  ObedientQuery(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /// @param messages as Electric's JSON
  /// @param schema by column
  record Rows(String messages, String schema) {}

  Rows run(Connection connection) throws SQLException {
    String table = parameters.getOrDefault("table", "messages");
    String where = filled("where", "params[%s]", "true");
    String queryable = parameters.getOrDefault("queryable_columns", "*");
    StringBuilder narrowed = new StringBuilder();
    if (has("subset__where")) {
      narrowed.append(" and (").append(subsetWhere()).append(')');
    }
    if (has("subset__order_by")) {
      narrowed.append(" order by ").append(parameters.get("subset__order_by"));
    }
    if (has("subset__limit")) {
      narrowed.append(" limit ").append(parameters.get("subset__limit"));
    }
    if (has("subset__offset")) {
      narrowed.append(" offset ").append(parameters.get("subset__offset"));
    }
    try (Statement statement = connection.createStatement()) {
      if (!narrowed.isEmpty() && !queryable.equals("*")) {
        statement.execute(
            "prepare checked as select 1 from (select %s from %s) as q where true%s"
                .formatted(queryable, table, narrowed));
        statement.execute("deallocate checked");
      }
      String columns =
          "full".equals(parameters.get("replica")) ? "*" : parameters.getOrDefault("columns", "*");
      boolean rows =
          statement.execute(
              "select %s from %s where %s%s".formatted(columns, table, where, narrowed));
      return rows(statement, rows);
    } finally {
      try (Statement statement = connection.createStatement()) {
        statement.execute("deallocate all");
      }
    }
  }

  private boolean has(String name) {
    return parameters.containsKey(name);
  }

  private String filled(String name, String param, String otherwise) {
    return PARAMETER
        .matcher(parameters.getOrDefault(name, otherwise))
        .replaceAll(found -> {
          String value = parameters.get(param.formatted(found.group(1)));
          return Matcher.quoteReplacement(
              value == null ? found.group() : "'" + value.replace("'", "''") + "'");
        });
  }

  private String subsetWhere() {
    Map<String, String> values = new LinkedHashMap<>();
    try {
      JsonNode given = TestGateway.JSON.readTree(parameters.getOrDefault("subset__params", "{}"));
      given
          .properties()
          .forEach(entry -> values.put(entry.getKey(), entry.getValue().asString("")));
    } catch (RuntimeException notJson) {
      values.clear();
    }
    return PARAMETER
        .matcher(parameters.getOrDefault("subset__where", "true"))
        .replaceAll(found -> {
          String value = values.get(found.group(1));
          return Matcher.quoteReplacement(
              value == null ? found.group() : "'" + value.replace("'", "''") + "'");
        });
  }

  /// Of every result, where it was made to run several statements.
  private static Rows rows(Statement statement, boolean first) throws SQLException {
    List<Map<String, ?>> messages = new ArrayList<>();
    Map<String, Object> schema = new LinkedHashMap<>();
    boolean more = first;
    while (more || statement.getUpdateCount() >= 0) {
      if (more) {
        read(statement.getResultSet(), messages, schema);
      }
      more = statement.getMoreResults();
    }
    return new Rows(
        TestGateway.JSON.writeValueAsString(messages), TestGateway.JSON.writeValueAsString(schema));
  }

  private static void read(
      ResultSet rows, List<Map<String, ?>> messages, Map<String, Object> schema)
      throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      schema.put(columns.getColumnName(i), Map.of("type", columns.getColumnTypeName(i)));
    }
    while (rows.next()) {
      Map<String, String> value = new LinkedHashMap<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        value.put(columns.getColumnName(i), rows.getString(i));
      }
      messages.add(
          Map.of(
              "key",
              "\"public\"/\"" + rows.getString(1) + "\"",
              "value",
              value,
              "headers",
              Map.of("operation", "insert")));
    }
  }
}
