package dev.penstock.replay;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
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

  /// Empty if the value is none of that writer's envelopes.
  ///
  /// @param writer the topics' prefix
  static Optional<Change> of(byte[] value, String writer) {
    JsonNode envelope;
    try {
      envelope = JSON.readTree(value);
    } catch (JacksonException e) {
      return Optional.empty();
    }
    JsonNode source = envelope.path("source");
    String op = envelope.path("op").asString("");
    if (op.isEmpty() || !source.path("name").asString("").equals(writer)) {
      return Optional.empty();
    }
    return Optional.of(
        new Change(
            op,
            source.path("schema").asString(),
            source.path("table").asString(),
            source.path("ts_us").asLong(),
            row(envelope, "before"),
            row(envelope, "after")));
  }

  private static @Nullable JsonNode row(JsonNode envelope, String name) {
    JsonNode row = envelope.get(name);
    return row == null || row.isNull() ? null : row;
  }

  String qualified() {
    return schema + "." + table;
  }

  boolean isTruncation() {
    return op.equals("t");
  }
}
