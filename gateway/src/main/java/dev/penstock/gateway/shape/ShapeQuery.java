package dev.penstock.gateway.shape;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What of a client's query may go on: the protocol's own parameters, each once, decoded.
///
/// @param protocol in the order of the protocol's list
record ShapeQuery(Map<String, String> protocol) {
  // ELECTRIC_PROTOCOL_QUERY_PARAMS of @electric-sql/client 1.5.28.
  private static final List<String> PROTOCOL =
      List.of(
          "live",
          "live_sse",
          "experimental_live_sse",
          "handle",
          "offset",
          "cursor",
          "expired_handle",
          "log",
          "subset__where",
          "subset__limit",
          "subset__offset",
          "subset__order_by",
          "subset__params",
          "subset__where_expr",
          "subset__order_by_expr",
          "cache-buster");

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  /// Takes what may go on and compares a definition with the token's.
  ///
  /// @param raw the query as it stands in the URL
  /// @throws ShapeRefusal 400 for what could be read in two ways, 403 for a definition that is not
  ///   the token's; parameters of any other name are dropped
  static ShapeQuery parse(@Nullable String raw, ShapeDefinition definition) throws ShapeRefusal {
    Map<String, String> given = new LinkedHashMap<>();
    if (raw != null && !raw.isEmpty()) {
      for (String pair : raw.split("&", -1)) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
        if (PROTOCOL.contains(name)) {
          if (given.put(name, value) != null) {
            throw ShapeRefusal.invalid(name, "can't be given twice");
          }
        } else {
          requireSame(name, value, definition);
        }
      }
    }
    Map<String, String> protocol = new LinkedHashMap<>();
    for (String name : PROTOCOL) {
      String value = given.get(name);
      if (value != null) {
        requireSubset(name, value);
        protocol.put(name, value);
      }
    }
    return new ShapeQuery(protocol);
  }

  boolean live() {
    return isTrue(protocol.get("live"));
  }

  boolean sse() {
    String sse = protocol.get("live_sse");
    return live() && isTrue(sse == null ? protocol.get("experimental_live_sse") : sse);
  }

  boolean initial() {
    return "-1".equals(protocol.get("offset"));
  }

  // As Electric reads it: whatever is there, but for the word false.
  private static boolean isTrue(@Nullable String value) {
    return value != null && !value.equals("false");
  }

  private static void requireSame(String name, String value, ShapeDefinition definition)
      throws ShapeRefusal {
    boolean same =
        switch (name) {
          case "table" -> value.equals(definition.table());
          case "where" -> value.equals(definition.where());
          case "columns" -> isList(value, definition.columns());
          case "queryable_columns" -> isList(value, definition.queryableColumns());
          case "replica" -> value.equals(definition.replica());
          default ->
              !(name.equals("params") || name.startsWith("params["))
                  || definition.params().entrySet().stream()
                      .anyMatch(param ->
                          name.equals("params[" + param.getKey() + "]")
                              && value.equals(param.getValue()));
        };
    if (!same) {
      throw ShapeRefusal.forbidden();
    }
  }

  private static void requireSubset(String name, String value) throws ShapeRefusal {
    boolean narrows =
        switch (name) {
          case "subset__where" -> SubsetText.isCondition(value);
          case "subset__order_by" -> SubsetText.isOrder(value);
          case "subset__limit", "subset__offset" -> NUMBER.matcher(value).matches();
          default -> true;
        };
    if (!narrows) {
      throw ShapeRefusal.notASubset(name.substring("subset__".length()));
    }
  }

  private static boolean isList(String value, List<String> columns) {
    return value.equals(ShapeDefinition.list(columns)) || value.equals(String.join(",", columns));
  }

  /// Strict where the JDK's decoder is lenient: malformed escapes and UTF-8 are errors, and so are
  /// control characters, which nobody needs and which loggers and caches trip over.
  private static String decode(String text) throws ShapeRefusal {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 2 >= text.length() || !isHex(text.charAt(i + 1)) || !isHex(text.charAt(i + 2))) {
          throw ShapeRefusal.invalid("query", "is not percent-encoded");
        }
        bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.writeBytes((c == '+' ? " " : String.valueOf(c)).getBytes(StandardCharsets.UTF_8));
      }
    }
    String decoded;
    try {
      decoded =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
    } catch (CharacterCodingException notUtf8) {
      throw ShapeRefusal.invalid("query", "is not UTF-8");
    }
    if (decoded.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
      throw ShapeRefusal.invalid("query", "has control characters");
    }
    return decoded;
  }

  private static boolean isHex(char c) {
    return c < 128 && Character.digit(c, 16) >= 0;
  }
}
