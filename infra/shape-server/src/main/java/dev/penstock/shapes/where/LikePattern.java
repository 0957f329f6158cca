package dev.penstock.shapes.where;

import java.util.Arrays;

/// A pattern of LIKE or ILIKE: `%` any text, `_` one character, the escape character takes the next
/// one literally. Matching takes at most text × pattern steps.
final class LikePattern {
  /// For patterns in which nothing is escaped.
  static final int NO_ESCAPE = -1;

  private static final int ANY = -1;
  private static final int ONE = -2;

  /// An escape character at the end: an error, if the text gets so far.
  private static final int BROKEN = -3;

  private final int[] pattern;
  private final boolean insensitive;

  LikePattern(String text, int escape, boolean insensitive) {
    this.insensitive = insensitive;
    int[] source = text.codePoints().toArray();
    int[] target = new int[source.length];
    int length = 0;
    for (int i = 0; i < source.length; i++) {
      int c = source[i];
      if (c == escape) {
        i++;
        target[length++] = i == source.length ? BROKEN : fold(source[i]);
      } else {
        target[length++] = c == '%' ? ANY : c == '_' ? ONE : fold(c);
      }
    }
    pattern = Arrays.copyOf(target, length);
  }

  boolean isBroken() {
    return pattern.length > 0 && pattern[pattern.length - 1] == BROKEN;
  }

  boolean matches(String text) {
    int[] value = text.codePoints().toArray();
    int v = 0;
    int p = 0;
    int restartPattern = -1;
    int restartValue = 0;
    while (v < value.length) {
      if (p < pattern.length && pattern[p] == ANY) {
        restartPattern = ++p;
        restartValue = v;
      } else if (p < pattern.length && pattern[p] == BROKEN) {
        throw broken();
      } else if (p < pattern.length && (pattern[p] == ONE || pattern[p] == fold(value[v]))) {
        p++;
        v++;
      } else if (restartPattern >= 0) {
        p = restartPattern;
        v = ++restartValue;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == ANY) {
      p++;
      if (p < pattern.length && pattern[p] == BROKEN) {
        throw broken();
      }
    }
    return p == pattern.length;
  }

  private static ArithmeticException broken() {
    return new ArithmeticException("LIKE pattern must not end with escape character");
  }

  private int fold(int c) {
    return insensitive ? Character.toLowerCase(c) : c;
  }
}
