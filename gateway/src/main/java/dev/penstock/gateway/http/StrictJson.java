package dev.penstock.gateway.http;

import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// JSON that two readers cannot understand differently: no name twice, nothing behind the end.
public final class StrictJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  private StrictJson() {}

  /// Parses one object.
  ///
  /// @throws IllegalArgumentException if it is not one JSON object; its message may be shown
  public static ObjectNode object(byte[] utf8) {
    JsonNode node;
    try {
      node = MAPPER.readTree(utf8);
    } catch (JacksonException notJson) {
      throw new IllegalArgumentException("is not valid JSON", notJson);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException("is not a JSON object");
  }

  /// An empty object to fill.
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  public static byte[] bytes(Map<String, ?> object) {
    return MAPPER.writeValueAsBytes(object);
  }
}
