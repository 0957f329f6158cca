package dev.penstock.replay;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What Debezium's envelope says.
///
/// @param op `c`, `u`, `d`, `r` or `t`
/// @param committedMicros since 1970-01-01 UTC
record Change(
    String op,
    String schema,
    String table,
    long committedMicros,
    @Nullable JsonNode before,
    @Nullable JsonNode after) {
  static final JsonMapper JSON = JsonMapper.builder().build();

  /// In the place of rows that are not read.
  private static final JsonNode SOME_ROW = JSON.createObjectNode();

  /// Empty if the value is none of that writer's envelopes.
  ///
  /// @param writer the topics' prefix
  /// @param rows whether to read the rows; else they have no columns, which costs less
  static Optional<Change> of(byte[] value, String writer, boolean rows) {
    try (JsonParser json = JSON.createParser(value)) {
      return json.nextToken() == JsonToken.START_OBJECT ? of(json, writer, rows) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static Optional<Change> of(JsonParser json, String writer, boolean rows) {
    String op = "";
    Map<String, String> source = Map.of();
    JsonNode before = null;
    JsonNode after = null;
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      JsonToken token = json.nextToken();
      switch (name) {
        case "op" -> op = text(json, token);
        case "source" -> source = source(json, token);
        case "before" -> before = row(json, token, rows);
        case "after" -> after = row(json, token, rows);
        default -> json.skipChildren();
      }
    }
    if (op.isEmpty() || !writer.equals(source.get("name")) || json.nextToken() != null) {
      return Optional.empty();
    }
    return Optional.of(
        new Change(
            op,
            source.getOrDefault("schema", ""),
            source.getOrDefault("table", ""),
            Long.parseLong(source.getOrDefault("ts_us", "0")),
            before,
            after));
  }

  private static Map<String, String> source(JsonParser json, JsonToken token) {
    Map<String, String> source = new HashMap<>();
    if (token == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "name", "schema", "table" -> source.put(name, text(json, value));
          case "ts_us" -> {
            if (value == JsonToken.VALUE_NUMBER_INT) {
              source.put(name, json.getString());
            }
          }
          default -> json.skipChildren();
        }
      }
    }
    return source;
  }

  private static String text(JsonParser json, JsonToken token) {
    json.skipChildren();
    return token == JsonToken.VALUE_STRING ? json.getString() : "";
  }

  private static @Nullable JsonNode row(JsonParser json, JsonToken token, boolean rows) {
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (rows) {
      return json.readValueAsTree();
    }
    json.skipChildren();
    return SOME_ROW;
  }

  String qualified() {
    return schema + "." + table;
  }

  boolean isTruncation() {
    return op.equals("t");
  }
}
