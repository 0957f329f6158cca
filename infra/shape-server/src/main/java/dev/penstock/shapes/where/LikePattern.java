package dev.penstock.shapes.where;

/// A pattern of LIKE or ILIKE: `%` any text, `_` one character, `\` takes the next one literally.
/// Matching takes at most text × pattern steps.
final class LikePattern {
  private static final int ANY = -1;
  private static final int ONE = -2;

  private final int[] pattern;
  private final boolean insensitive;

  /// @throws IllegalArgumentException if the pattern ends with its escape character
  LikePattern(String text, boolean insensitive) {
    this.insensitive = insensitive;
    int[] source = text.codePoints().toArray();
    int[] target = new int[source.length];
    int length = 0;
    for (int i = 0; i < source.length; i++) {
      int c = source[i];
      if (c == '\\') {
        i++;
        if (i == source.length) {
          throw new IllegalArgumentException("LIKE pattern must not end with escape character");
        }
        target[length++] = fold(source[i]);
      } else {
        target[length++] = c == '%' ? ANY : c == '_' ? ONE : fold(c);
      }
    }
    pattern = java.util.Arrays.copyOf(target, length);
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
    }
    return p == pattern.length;
  }

  private int fold(int c) {
    return insensitive ? Character.toLowerCase(c) : c;
  }
}
