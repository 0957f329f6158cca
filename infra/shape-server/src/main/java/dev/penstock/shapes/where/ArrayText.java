package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One-dimensional arrays in Postgres' text form: `{a,"b c",NULL}`.
final class ArrayText {
  private ArrayText() {}

  /// The elements, null for NULL.
  ///
  /// @throws IllegalArgumentException if it is not such a text
  static List<@Nullable String> parse(String text) {
    String body = text.strip();
    if (body.length() < 2 || body.charAt(0) != '{' || body.charAt(body.length() - 1) != '}') {
      throw malformed();
    }
    List<@Nullable String> elements = new ArrayList<>();
    int end = body.length() - 1;
    int at = skipBlanks(body, 1);
    if (at >= end) {
      return elements;
    }
    while (true) {
      StringBuilder element = new StringBuilder();
      at = skipBlanks(body, at);
      boolean quoted = at < end && body.charAt(at) == '"';
      at = quoted ? quoted(body, at + 1, end, element) : bare(body, at, end, element);
      String value = quoted ? element.toString() : element.toString().stripTrailing();
      if (!quoted && value.isEmpty()) {
        throw malformed();
      }
      elements.add(!quoted && value.equalsIgnoreCase("null") ? null : value);
      at = skipBlanks(body, at);
      if (at >= end) {
        return elements;
      }
      if (body.charAt(at) != ',') {
        throw malformed();
      }
      at++;
    }
  }

  private static int quoted(String body, int from, int end, StringBuilder element) {
    for (int at = from; at < end; at++) {
      char c = body.charAt(at);
      if (c == '"') {
        return at + 1;
      }
      if (c == '\\') {
        at++;
        if (at >= end) {
          break;
        }
        c = body.charAt(at);
      }
      element.append(c);
    }
    throw malformed();
  }

  private static int bare(String body, int from, int end, StringBuilder element) {
    int at = from;
    while (at < end && body.charAt(at) != ',') {
      char c = body.charAt(at);
      // A backslash would also un-NULL the word NULL: clients quote instead.
      if (c == '"' || c == '{' || c == '}' || c == '\\') {
        throw malformed();
      }
      element.append(c);
      at++;
    }
    return at;
  }

  private static int skipBlanks(String body, int from) {
    int at = from;
    while (at < body.length() && Character.isWhitespace(body.charAt(at))) {
      at++;
    }
    return at;
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("malformed array literal");
  }
}
