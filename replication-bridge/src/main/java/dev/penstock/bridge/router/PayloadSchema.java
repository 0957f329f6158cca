package dev.penstock.bridge.router;

import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The part of JSON Schema that event schemas of the contract use: an object, its required
/// properties, and of each property `type`, `minLength` and the formats `uuid` and `date-time`.
public final class PayloadSchema {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JsonNode schema;

  private PayloadSchema(JsonNode schema) {
    this.schema = schema;
  }

  /// Reads `dev/penstock/contracts/schemas/<name>.schema.json` from the class path.
  ///
  /// @throws IllegalArgumentException if there is none
  public static PayloadSchema named(String name) {
    String path = "dev/penstock/contracts/schemas/" + name + ".schema.json";
    try (InputStream input = PayloadSchema.class.getClassLoader().getResourceAsStream(path)) {
      if (input == null) {
        throw new IllegalArgumentException("there is no schema \"" + name + "\"");
      }
      return new PayloadSchema(JSON.readTree(input));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// The content, if it is what the schema demands.
  Optional<JsonNode> accept(byte[] content) {
    try {
      JsonNode value = JSON.readTree(content);
      return value.isObject() && conforms(value) ? Optional.of(value) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /// Why [#accept] did not take the content, without any of it.
  String refusal(byte[] content) {
    try {
      JsonNode value = JSON.readTree(content);
      if (!value.isObject()) {
        return "the payload is no JSON object";
      }
      for (JsonNode required : schema.path("required")) {
        if (!value.has(required.asString())) {
          return required.asString() + " is missing";
        }
      }
      for (var property : schema.path("properties").properties()) {
        JsonNode found = value.get(property.getKey());
        if (found != null && !conforms(found, property.getValue())) {
          return property.getKey() + " is not as its schema demands";
        }
      }
      return "the payload is valid";
    } catch (JacksonException e) {
      return "the payload is no JSON";
    }
  }

  private boolean conforms(JsonNode value) {
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asString())) {
        return false;
      }
    }
    return schema.path("properties").properties().stream()
        .allMatch(property -> {
          JsonNode found = value.get(property.getKey());
          return found == null || conforms(found, property.getValue());
        });
  }

  private static boolean conforms(JsonNode value, JsonNode property) {
    boolean typed =
        switch (property.path("type").asString("")) {
          case "string" -> value.isString();
          case "integer" -> value.isIntegralNumber();
          case "number" -> value.isNumber();
          case "boolean" -> value.isBoolean();
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          default -> true;
        };
    if (!typed || !value.isString()) {
      return typed;
    }
    String text = value.asString();
    return text.length() >= property.path("minLength").asInt(0)
        && formatted(text, property.path("format").asString(""));
  }

  private static boolean formatted(String text, String format) {
    try {
      return switch (format) {
        case "uuid" -> UUID.fromString(text).toString().equalsIgnoreCase(text);
        case "date-time" -> OffsetDateTime.parse(text).getYear() > 0;
        default -> true;
      };
    } catch (IllegalArgumentException | DateTimeException e) {
      return false;
    }
  }
}
