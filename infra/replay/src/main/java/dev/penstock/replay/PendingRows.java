package dev.penstock.replay;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The rows of one table that a database transaction will write: of each key what is known last, so
/// that an answer that grew in a hundred updates is written once.
final class PendingRows {
  /// @param row null where it is gone
  /// @param whole whether the row has all columns
  private record Pending(JsonNode key, @Nullable JsonNode row, boolean whole) {}

  /// From so many rows on the way by a temporary table is the shorter one.
  private static final int MANY = 200;

  private final TargetTable table;
  private final RowCopy copy;
  private final Map<List<@Nullable String>, Pending> rows = new LinkedHashMap<>();
  private final List<JsonNode> keyless = new ArrayList<>();

  /// @param number of the table among those that this connection writes
  PendingRows(TargetTable table, int number) {
    this.table = table;
    this.copy = new RowCopy(table, number);
  }

  TargetTable table() {
    return table;
  }

  void put(JsonNode row) {
    table.requireColumns(row);
    if (table.key().isEmpty()) {
      keyless.add(row);
      return;
    }
    List<@Nullable String> key = key(row);
    boolean whole = hasAll(row);
    Pending before = rows.get(key);
    if (whole || before == null || before.row() == null) {
      rows.put(key, new Pending(row, row, whole));
    } else {
      ObjectNode merged = ((ObjectNode) before.row()).deepCopy();
      row.properties().forEach(field -> merged.set(field.getKey(), field.getValue()));
      rows.put(key, new Pending(merged, merged, before.whole()));
    }
  }

  void remove(JsonNode row) {
    rows.put(key(row), new Pending(row, null, false));
  }

  private boolean hasAll(JsonNode row) {
    for (TargetTable.Column column : table.columns()) {
      if (!row.has(column.name())) {
        return false;
      }
    }
    return true;
  }

  private List<@Nullable String> key(JsonNode row) {
    List<@Nullable String> key = new ArrayList<>();
    table.key().forEach(column -> key.add(table.value(column, row)));
    return key;
  }

  void delete(Connection connection) throws SQLException {
    List<JsonNode> gone =
        rows.values().stream().filter(pending -> pending.row() == null).map(Pending::key).toList();
    write(connection, table.delete(), table.key(), gone);
  }

  void write(Connection connection) throws SQLException {
    List<JsonNode> whole = new ArrayList<>(keyless);
    for (Pending pending : rows.values()) {
      if (pending.row() != null && pending.whole()) {
        whole.add(pending.row());
      }
    }
    if (whole.size() >= MANY) {
      copy.write(connection, whole);
    } else {
      write(connection, table.upsert(), table.columns(), whole);
    }
    for (Pending pending : rows.values()) {
      JsonNode row = pending.row();
      if (row != null && !pending.whole()) {
        List<TargetTable.Column> given =
            table.columns().stream().filter(column -> row.has(column.name())).toList();
        List<TargetTable.Column> all = new ArrayList<>(given);
        all.addAll(table.key());
        write(connection, table.patch(given), all, List.of(row));
      }
    }
    rows.clear();
    keyless.clear();
  }

  void deleteOne(Connection connection, JsonNode row) throws SQLException {
    write(connection, table.deleteOne(), table.columns(), List.of(row));
  }

  private void write(
      Connection connection, String sql, List<TargetTable.Column> columns, List<JsonNode> written)
      throws SQLException {
    if (written.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < columns.size(); i++) {
        TargetTable.Column column = columns.get(i);
        @Nullable Object[] values = new @Nullable Object[written.size()];
        for (int row = 0; row < values.length; row++) {
          values[row] = table.value(column, written.get(row));
        }
        statement.setArray(i + 1, connection.createArrayOf("text", values));
      }
      statement.executeUpdate();
    }
  }
}
