package dev.penstock.command;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The fields of a command: a flat JSON object of strings, each field known and present once.
///
/// The first token that is neither a known name nor a string ends the parse, so depth, numbers and
/// size of the rest cost nothing.
record Fields(Map<String, String> values) {
  private static final JsonFactory JSON = JsonFactory.builder().build();

  private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9_.$-]");
  private static final int MAX_ECHO = 64;

  /// @throws InvalidRequestException naming the field at fault
  static Fields parse(byte[] body, List<String> names) {
    Map<String, String> values = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidRequestException(null, "The body must be a JSON object.");
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        if (!names.contains(name)) {
          throw new InvalidRequestException(printable(name), "is not a field of this command");
        }
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw new InvalidRequestException(name, "must be a string");
        }
        if (values.put(name, parser.getString()) != null) {
          throw new InvalidRequestException(name, "must be given once");
        }
      }
      // nextName() is also null where there is something else than a name.
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new InvalidRequestException(null, "The body must be one JSON object.");
      }
    } catch (JacksonException e) {
      throw new InvalidRequestException(null, "The body is not well-formed JSON.");
    }
    return new Fields(values);
  }

  UUID uuid(String name) {
    return uuid(name, required(name));
  }

  /// @throws InvalidRequestException if `value` is none
  static UUID uuid(String name, String value) {
    try {
      UUID id = UUID.fromString(value);
      // It also takes 1-1-1-1-1.
      if (id.toString().equalsIgnoreCase(value)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      // Refused below.
    }
    throw new InvalidRequestException(name, "must be a UUID");
  }

  /// Text that is not blank and that Postgres can hold.
  String text(String name) {
    String value = required(name);
    if (value.isBlank()) {
      throw new InvalidRequestException(name, "must not be blank");
    }
    @Nullable String unstorable = Texts.unstorable(value);
    if (unstorable != null) {
      throw new InvalidRequestException(name, unstorable);
    }
    return value;
  }

  private String required(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new InvalidRequestException(name, "is missing");
    }
    return value;
  }

  /// A stranger's name as it may go into an answer.
  private static String printable(String name) {
    String head = name.substring(0, Math.min(name.length(), MAX_ECHO));
    return NOT_PLAIN.matcher(head).replaceAll("?");
  }
}
