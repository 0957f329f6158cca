package dev.penstock.shapes.where;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the texts of simple types as Postgres' input functions do, or refuses them.
final class Scalars {
  private static final Pattern FLOAT =
      Pattern.compile("[+-]?(?:(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?|Infinity)|NaN");
  private static final Pattern INTEGER =
      Pattern.compile(
          "([+-]?)(?:0[xX](_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)"
              + "|0[oO](_?[0-7]+(?:_[0-7]+)*)|0[bB](_?[01]+(?:_[01]+)*)|(\\d+(?:_\\d+)*))");
  private static final int[] BASES = {16, 8, 2, 10};
  private static final Pattern UUID = Pattern.compile("(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}");

  private Scalars() {}

  static Boolean bool(String text) {
    String word = stripped(text).toLowerCase(Locale.ROOT);
    if (word.equals("1") || word.equals("on") || isStart("true", word) || isStart("yes", word)) {
      return true;
    }
    if (word.equals("0")
        || word.equals("of")
        || word.equals("off")
        || isStart("false", word)
        || isStart("no", word)) {
      return false;
    }
    throw new IllegalArgumentException("invalid input syntax for type boolean");
  }

  private static boolean isStart(String whole, String start) {
    return !start.isEmpty() && whole.startsWith(start);
  }

  static Long integer(String text, long min, long max) {
    if (isPlain(text)) {
      return inRange(Long.parseLong(text), min, max);
    }
    Matcher m = INTEGER.matcher(stripped(text));
    if (!m.matches()) {
      throw new IllegalArgumentException("invalid input syntax for type integer");
    }
    for (int i = 0; i < BASES.length; i++) {
      String digits = m.group(i + 2);
      if (digits != null) {
        String plain = m.group(1) + digits.replace("_", "");
        return inRange(new BigInteger(plain, BASES[i]), min, max);
      }
    }
    throw new IllegalStateException("one of the groups has matched");
  }

  /// Digits as Postgres itself prints them, and not too many for a long.
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && !(c == '-' && i == 0 && text.length() > 1)) {
        return false;
      }
    }
    return !text.isEmpty() && text.length() < 19;
  }

  private static long inRange(BigInteger value, long min, long max) {
    if (value.bitLength() >= Long.SIZE) {
      throw new ArithmeticException("integer out of range");
    }
    return inRange(value.longValue(), min, max);
  }

  static long inRange(long value, long min, long max) {
    if (value < min || value > max) {
      throw new ArithmeticException("integer out of range");
    }
    return value;
  }

  /// A float's value; a float4's as the double that it is.
  static double floating(String text, boolean single) {
    String word = stripped(text);
    if (!FLOAT.matcher(word).matches()) {
      throw new IllegalArgumentException("invalid input syntax for type double precision");
    }
    double value = single ? Float.parseFloat(word) : Double.parseDouble(word);
    boolean lost = value == 0 && word.matches("[^eE]*[1-9].*");
    if (lost || (Double.isInfinite(value) && !word.endsWith("y"))) {
      throw new ArithmeticException("value out of range");
    }
    // There is no -0 that a clause could tell from 0.
    return value == 0 ? 0 : value;
  }

  static String uuid(String text) {
    String hex =
        text.startsWith("{") && text.endsWith("}") ? text.substring(1, text.length() - 1) : text;
    if (!UUID.matcher(hex).matches()) {
      throw new IllegalArgumentException("invalid input syntax for type uuid");
    }
    String d = hex.replace("-", "").toLowerCase(Locale.ROOT);
    return String.join(
        "-",
        d.substring(0, 8),
        d.substring(8, 12),
        d.substring(12, 16),
        d.substring(16, 20),
        d.substring(20));
  }

  static String withoutTrailingBlanks(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  /// Without the white space that C's `isspace` knows.
  static String stripped(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (start < end && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
