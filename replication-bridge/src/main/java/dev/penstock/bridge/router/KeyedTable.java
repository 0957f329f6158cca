package dev.penstock.bridge.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Relation.Column;
import dev.penstock.contracts.log.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A table that has records in a keyed topic, and may be gone from the database.
record KeyedTable(String topic, String schema, String table) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// A row of which only the key is known.
  record Row(Relation relation, Tuple tuple) {}

  Relation relation() {
    return new Relation(-1, 0, schema, table, "d", List.of());
  }

  /// Reads a key's bytes as the envelope writes them, such that it writes them again.
  Row row(byte[] key) {
    List<Column> columns = new ArrayList<>();
    List<@Nullable String> texts = new ArrayList<>();
    for (var field : JSON.readTree(key).properties()) {
      JsonNode value = field.getValue();
      texts.add(value.isNull() ? null : text(value));
      columns.add(new Column(field.getKey(), 0, -1, type(value), "b", 0, true, columns.size()));
    }
    Tuple.Builder tuple = new Tuple.Builder(columns.size());
    for (String text : texts) {
      if (text == null) {
        tuple.addNull();
      } else {
        tuple.add(text.getBytes(UTF_8));
      }
    }
    return new Row(new Relation(-1, 0, schema, table, "d", columns), tuple.build());
  }

  private static String text(JsonNode value) {
    if (value.isBoolean()) {
      return value.asBoolean() ? "t" : "f";
    }
    return value.isString() ? value.asString() : value.toString();
  }

  private static String type(JsonNode value) {
    if (value.isBoolean()) {
      return "bool";
    }
    if (value.isNumber()) {
      return value.isIntegralNumber() ? "int8" : "float8";
    }
    return "text";
  }
}
