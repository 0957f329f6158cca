package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Arrays in Postgres' text form: `{a,"b c",NULL}`, `[0:1]={1,2}`, `{{1,2},{3,4}}`.
final class ArrayText {
  private static final int MAX_DIMENSIONS = 6;

  private final String text;
  private final StringBuilder shape = new StringBuilder();
  private final List<@Nullable String> elements = new ArrayList<>();
  private int at;

  private ArrayText(String text) {
    this.text = text;
  }

  /// @param shape bounds, braces, commas and a dot for each element: those of equal arrays are
  ///   equal
  /// @param elements in order, null for NULL
  record Parsed(String shape, List<@Nullable String> elements) {}

  /// Reads what Postgres prints.
  ///
  /// @throws IllegalArgumentException if it is not such a text
  static Parsed parse(String text) {
    ArrayText array = new ArrayText(Scalars.stripped(text));
    int equals = array.text.startsWith("[") ? array.text.indexOf('=') : -1;
    array.shape.append(array.text, 0, equals + 1);
    array.at = equals + 1;
    array.braces(1);
    if (array.at != array.text.length()) {
      throw malformed();
    }
    return new Parsed(array.shape.toString(), array.elements);
  }

  /// The elements of a client's array of one dimension, null for NULL.
  ///
  /// @throws IllegalArgumentException if it is not such a text
  static List<@Nullable String> flat(String text) {
    Parsed parsed = parse(text);
    if (parsed.shape().lastIndexOf("{") != 0) {
      throw malformed();
    }
    return parsed.elements();
  }

  private void braces(int depth) {
    if (peek() != '{' || depth > MAX_DIMENSIONS) {
      throw malformed();
    }
    mark('{');
    skipBlanks();
    if (peek() == '}') {
      mark('}');
      return;
    }
    while (true) {
      skipBlanks();
      if (peek() == '{') {
        braces(depth + 1);
      } else if (peek() == '"') {
        shape.append('.');
        elements.add(quoted());
      } else {
        shape.append('.');
        bare();
      }
      skipBlanks();
      if (peek() == '}') {
        mark('}');
        return;
      }
      if (peek() != ',') {
        throw malformed();
      }
      mark(',');
    }
  }

  private void mark(char c) {
    shape.append(c);
    at++;
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private String quoted() {
    StringBuilder element = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return element.toString();
      }
      if (c == '\\') {
        at++;
        if (at == text.length()) {
          break;
        }
        c = text.charAt(at);
      }
      element.append(c);
    }
    throw malformed();
  }

  private void bare() {
    int start = at;
    while (at < text.length() && ",{}".indexOf(text.charAt(at)) < 0) {
      // A backslash would also un-NULL the word NULL: clients quote instead.
      if (text.charAt(at) == '"' || text.charAt(at) == '\\') {
        throw malformed();
      }
      at++;
    }
    String element = Scalars.stripped(text.substring(start, at));
    if (element.isEmpty()) {
      throw malformed();
    }
    elements.add(element.equalsIgnoreCase("null") ? null : element);
  }

  private void skipBlanks() {
    while (at < text.length()
        && (text.charAt(at) == ' ' || Character.isISOControl(text.charAt(at)))) {
      at++;
    }
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("malformed array literal");
  }
}
