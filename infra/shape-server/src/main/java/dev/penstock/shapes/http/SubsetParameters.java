package dev.penstock.shapes.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The part of a shape that a request wants at once. Only these keys of a body are read: no body
/// can change the shape itself.
///
/// @param limit null for all
record SubsetParameters(
    @Nullable String where,
    Map<Integer, String> params,
    @Nullable Long limit,
    long offset,
    @Nullable String orderBy) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PREFIX = "subset__";
  private static final List<String> KEYS =
      List.of("where", "params", "limit", "offset", "order_by");

  /// From `subset__*` and a JSON body, whose fields win; null without any.
  ///
  /// @param body empty for none
  static @Nullable SubsetParameters of(Map<String, String> query, byte[] body) {
    JsonNode node = node(body);
    boolean present = false;
    for (String key : KEYS) {
      present |= node.hasNonNull(key) || query.containsKey(PREFIX + key);
    }
    if (!present) {
      return null;
    }
    return of(
        text(node, query, "where"),
        node.hasNonNull("params")
            ? params(node.path("params"))
            : params(query.get(PREFIX + "params")),
        text(node, query, "limit"),
        text(node, query, "offset"),
        text(node, query, "order_by"));
  }

  private static JsonNode node(byte[] body) {
    if (body.length == 0) {
      return JSON.createObjectNode();
    }
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JacksonException e) {
      throw Refusal.malformedBody(String.valueOf(e.getOriginalMessage()));
    }
    if (!root.isObject()) {
      throw Refusal.of(400, "error", "Request body must be a JSON object");
    }
    return root.path("subset").isObject() ? root.path("subset") : root;
  }

  private static SubsetParameters of(
      @Nullable String where,
      Map<Integer, String> params,
      @Nullable String limit,
      @Nullable String offset,
      @Nullable String orderBy) {
    Long rows = limit == null ? null : number("limit", limit, 1);
    long skipped = offset == null ? 0 : number("offset", offset, 0);
    if ((limit != null || offset != null) && orderBy == null) {
      throw Refusal.invalidSubset(
          "order_by", "order_by is required when limit or offset is present");
    }
    return new SubsetParameters(where, params, rows, skipped, orderBy);
  }

  private static long number(String field, String text, long least) {
    if (text.matches("-?[0-9]{1,18}")) {
      long value = Long.parseLong(text);
      if (value >= least) {
        return value;
      }
      throw Refusal.invalidSubset(
          field, "must be greater than " + (least == 0 ? "or equal to 0" : "0"));
    }
    throw Refusal.invalidSubset(field, "is invalid");
  }

  private static @Nullable String text(JsonNode node, Map<String, String> query, String key) {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return blankToNull(query.get(PREFIX + key));
    }
    if (!value.isValueNode()) {
      throw Refusal.invalidSubset(key, "is invalid");
    }
    return blankToNull(value.asString());
  }

  private static Map<Integer, String> params(@Nullable String json) {
    if (json == null || json.isEmpty()) {
      return Map.of();
    }
    try {
      return params(JSON.readTree(json));
    } catch (JacksonException e) {
      throw Refusal.invalidSubset("params", "params must be valid JSON");
    }
  }

  private static Map<Integer, String> params(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw Refusal.invalidSubset("params", "params must be a JSON object");
    }
    Map<String, String> params = new LinkedHashMap<>();
    node.properties()
        .forEach(entry -> {
          if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
            throw Refusal.invalidSubset("params", "Parameters must be strings");
          }
          params.put(entry.getKey(), entry.getValue().asString());
        });
    try {
      return ShapeParameters.numbered(params);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalidSubset("params", String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable String blankToNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}
