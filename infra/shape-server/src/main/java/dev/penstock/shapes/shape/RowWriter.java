package dev.penstock.shapes.shape;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Tuple;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/// The parts of a message that follow from a row: key and value.
public final class RowWriter {
  private final int[] columns;
  private final byte[][] names;
  private final int[] key;
  private final boolean keyed;
  private final byte[] keyStart;
  private final byte[] relation;

  public RowWriter(ShapeDefinition shape) {
    Relation table = shape.table();
    columns = shape.columns().stream().mapToInt(Integer::intValue).toArray();
    names = new byte[columns.length][];
    for (int i = 0; i < columns.length; i++) {
      names[i] = bytes(new JsonBytes(32).string(table.columns().get(columns[i]).name()).raw(':'));
    }
    keyed = table.keyColumns().length > 0;
    key = keyed ? table.keyColumns() : byName(table, shape.columns());
    String start = "\"" + escapedName(table.schema()) + "\".\"" + escapedName(table.table()) + "\"";
    JsonBytes quoted = new JsonBytes(64).string(start);
    keyStart = Arrays.copyOf(quoted.toArray(), quoted.length() - 1);
    relation =
        bytes(
            new JsonBytes(64)
                .raw("\"relation\":[")
                .string(table.schema())
                .raw(',')
                .string(table.table())
                .raw(']'));
  }

  /// Without a primary key every selected column, by name, makes the key.
  private static int[] byName(Relation table, List<Integer> selected) {
    return selected.stream()
        .sorted(Comparator.comparing(i -> table.columns().get(i).name()))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static String escapedName(String name) {
    return name.replace("/", "//").replace(".", "..");
  }

  private static byte[] bytes(JsonBytes json) {
    return json.toArray();
  }

  /// Whether the table has a primary key.
  boolean keyed() {
    return keyed;
  }

  boolean isKey(int column) {
    return Arrays.stream(key).anyMatch(k -> k == column);
  }

  boolean sameKey(Tuple a, Tuple b) {
    return Arrays.stream(key).allMatch(k -> a.sameValue(k, b));
  }

  boolean sameSelected(Tuple a, Tuple b) {
    return Arrays.stream(columns).allMatch(c -> a.sameValue(c, b));
  }

  byte[] relation() {
    return relation;
  }

  /// `"key":"…"`
  public void key(JsonBytes json, Tuple row) {
    json.raw("\"key\":");
    keyText(json, row);
  }

  /// The key alone, as a JSON string.
  void keyText(JsonBytes json, Tuple row) {
    json.raw(keyStart);
    for (int column : key) {
      String text = row.text(column);
      if (text == null) {
        json.raw("/_");
      } else {
        json.raw("/\\\"");
        byte[] value = text.replace("/", "//").getBytes(UTF_8);
        json.escaped(value, 0, value.length);
        json.raw("\\\"");
      }
    }
    json.raw('"');
  }

  /// `"value":{…}` with all selected columns.
  public void value(JsonBytes json, Tuple row) {
    value(json, "value", row, _ -> true);
  }

  /// `"<field>":{…}` with the selected columns that pass.
  void value(JsonBytes json, String field, Tuple row, IntPredicate included) {
    json.raw('"').raw(field).raw("\":{");
    boolean first = true;
    for (int i = 0; i < columns.length; i++) {
      if (included.test(columns[i])) {
        if (!first) {
          json.raw(',');
        }
        first = false;
        json.raw(names[i]).value(row, columns[i]);
      }
    }
    json.raw('}');
  }

  /// A row of a snapshot.
  ///
  /// @param mark the header `snapshot_mark` of a subset's rows with its comma, else empty
  public void snapshotRow(JsonBytes json, Tuple row, String mark) {
    json.raw('{');
    key(json, row);
    json.raw(',');
    value(json, row);
    json.raw(",\"headers\":{").raw(relation).raw(",\"operation\":\"insert\"").raw(mark).raw("}}");
  }
}
