package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Names as SQL writes them: unquoted ones are folded to lower case, quoted ones stay as they are.
public final class Identifiers {
  private static final int MAX_LENGTH = 63;

  private final String text;
  private int at;

  Identifiers(String text) {
    this.text = text;
  }

  /// The parts of `schema.table`.
  ///
  /// @throws IllegalArgumentException with a message for the client
  public static List<String> dotted(String text) {
    return separated(text, '.');
  }

  /// The names of a comma-separated list.
  ///
  /// @throws IllegalArgumentException with a message for the client
  public static List<String> list(String text) {
    return separated(text, ',');
  }

  private static List<String> separated(String text, char separator) {
    Identifiers reader = new Identifiers(text);
    List<String> names = new ArrayList<>();
    do {
      names.add(reader.next());
    } while (reader.accept(separator));
    if (!reader.atEnd()) {
      throw new IllegalArgumentException(
          "Invalid unquoted identifier contains special characters: " + text);
    }
    return names;
  }

  boolean atEnd() {
    skipBlanks();
    return at == text.length();
  }

  boolean accept(char c) {
    skipBlanks();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  /// Takes the word if it is next, in any case.
  boolean acceptWord(String word) {
    skipBlanks();
    int end = at + word.length();
    if (text.regionMatches(true, at, word, 0, word.length())
        && (end == text.length() || !isPart(text.charAt(end)))) {
      at = end;
      return true;
    }
    return false;
  }

  String next() {
    skipBlanks();
    String name = at < text.length() && text.charAt(at) == '"' ? quoted() : unquoted();
    if (name.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("Identifier too long (max " + MAX_LENGTH + " characters)");
    }
    return name;
  }

  private String quoted() {
    StringBuilder name = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
          at++;
        } else {
          at++;
          if (name.isEmpty()) {
            throw new IllegalArgumentException("Invalid zero-length delimited identifier");
          }
          return name.toString();
        }
      }
      name.append(c);
    }
    throw new IllegalArgumentException("Invalid identifier with an unescaped quote: " + text);
  }

  private String unquoted() {
    int start = at;
    while (at < text.length() && isPart(text.charAt(at))) {
      at++;
    }
    if (start == at) {
      throw new IllegalArgumentException(
          at == text.length()
              ? "Invalid zero-length delimited identifier"
              : "Invalid unquoted identifier contains special characters: " + text);
    }
    if (Character.isDigit(text.charAt(start)) || text.charAt(start) == '$') {
      throw new IllegalArgumentException(
          "Unquoted identifiers must start with a letter or underscore: " + text);
    }
    return text.substring(start, at).toLowerCase(Locale.ROOT);
  }

  private void skipBlanks() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private static boolean isPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }
}
