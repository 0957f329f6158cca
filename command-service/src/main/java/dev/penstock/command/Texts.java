package dev.penstock.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/// What text Postgres can hold.
final class Texts {
  private Texts() {}

  /// Why Postgres would refuse or alter `text`, or null where it would not.
  static @Nullable String unstorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\0') {
        return "must not contain the character U+0000";
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return "must not contain half of a surrogate pair";
      }
    }
    return null;
  }

  static int utf8Length(String text) {
    return text.getBytes(UTF_8).length;
  }
}
