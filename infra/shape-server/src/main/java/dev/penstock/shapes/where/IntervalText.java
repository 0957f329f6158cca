package dev.penstock.shapes.where;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Intervals as text: ISO 8601 with designators, as every session here prints them, and Postgres'
/// `1 year -2 days 03:04:05.6`. Fractions of more than a second are refused: what they mean depends
/// on too much.
final class IntervalText {
  private static final Pattern ISO =
      Pattern.compile(
          "P(?:([+-]?\\d+)Y)?(?:([+-]?\\d+)M)?(?:([+-]?\\d+)W)?(?:([+-]?\\d+)D)?"
              + "(?:T(?:([+-]?\\d+)H)?(?:([+-]?\\d+)M)?(?:([+-]?\\d+(?:\\.\\d{1,6})?)S)?)?");
  private static final Pattern PART =
      Pattern.compile(
          "\\s*(?:([+-]?)(\\d{1,9}):(\\d\\d)(?::(\\d\\d(?:\\.\\d{1,6})?))?"
              + "|([+-]?\\d+(?:\\.\\d{1,6})?)\\s*([a-z]+))(?=\\s|$)");
  private static final Map<String, Long> MONTHS =
      Map.of("year", 12L, "y", 12L, "month", 1L, "mon", 1L);
  private static final Map<String, Long> DAYS = Map.of("week", 7L, "w", 7L, "day", 1L, "d", 1L);
  private static final Map<String, Long> MICROS =
      Map.of(
          "hour", 3_600_000_000L,
          "h", 3_600_000_000L,
          "minute", 60_000_000L,
          "min", 60_000_000L,
          "m", 60_000_000L,
          "second", 1_000_000L,
          "sec", 1_000_000L,
          "s", 1_000_000L,
          "millisecond", 1_000L,
          "microsecond", 1L);

  private IntervalText() {}

  static Interval parse(String text) {
    String word = Scalars.stripped(text);
    if (word.equals("infinity")) {
      return Interval.INFINITY;
    }
    if (word.equals("-infinity")) {
      return Interval.NEGATIVE_INFINITY;
    }
    try {
      return word.startsWith("P") ? designated(word) : spelled(word.toLowerCase(Locale.ROOT));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("interval field value out of range", e);
    }
  }

  /// The same interval as Postgres reads it to the microsecond; of ISO 8601 it makes doubles.
  static String exact(Interval interval) {
    if (interval.isInfinite()) {
      return interval.equals(Interval.INFINITY) ? "infinity" : "-infinity";
    }
    long micros = interval.micros();
    return "%d mons %d days %s%d:%02d:%02d.%06d"
        .formatted(
            interval.months(),
            interval.days(),
            micros < 0 ? "-" : "",
            Math.abs(micros / 3_600_000_000L),
            Math.abs(micros / 60_000_000 % 60),
            Math.abs(micros / 1_000_000 % 60),
            Math.abs(micros % 1_000_000));
  }

  private static Interval designated(String text) {
    Matcher m = ISO.matcher(text);
    if (!m.matches() || text.endsWith("P") || text.endsWith("T")) {
      throw invalid();
    }
    long months = Math.addExact(Math.multiplyExact(12L, whole(m.group(1))), whole(m.group(2)));
    long days = Math.addExact(Math.multiplyExact(7L, whole(m.group(3))), whole(m.group(4)));
    long micros =
        Math.addExact(
            Math.addExact(
                Math.multiplyExact(3_600_000_000L, whole(m.group(5))),
                Math.multiplyExact(60_000_000L, whole(m.group(6)))),
            m.group(7) == null ? 0 : micros(m.group(7), 1_000_000));
    return new Interval(Math.toIntExact(months), Math.toIntExact(days), micros);
  }

  private static Interval spelled(String text) {
    Matcher m = PART.matcher(text);
    long months = 0;
    long days = 0;
    long micros = 0;
    int at = 0;
    while (at < text.length()) {
      if (!m.region(at, text.length()).lookingAt()) {
        throw invalid();
      }
      at = m.end();
      if (m.group(6) == null) {
        micros = Math.addExact(micros, clock(m));
        continue;
      }
      String number = m.group(5);
      String unit = singular(m.group(6));
      Long factor = MICROS.get(unit);
      if (factor != null) {
        micros = Math.addExact(micros, micros(number, factor));
      } else if (MONTHS.containsKey(unit)) {
        months = Math.addExact(months, Math.multiplyExact(MONTHS.get(unit), whole(number)));
      } else if (DAYS.containsKey(unit)) {
        days = Math.addExact(days, Math.multiplyExact(DAYS.get(unit), whole(number)));
      } else {
        throw invalid();
      }
    }
    if (text.isEmpty()) {
      throw invalid();
    }
    return new Interval(Math.toIntExact(months), Math.toIntExact(days), micros);
  }

  private static long clock(Matcher m) {
    int minutes = Integer.parseInt(m.group(3));
    String seconds = m.group(4) == null ? "0" : m.group(4);
    if (minutes > 59 || Double.parseDouble(seconds) >= 60) {
      throw new IllegalArgumentException("interval field value out of range");
    }
    long time =
        Math.addExact(
            Math.multiplyExact(3_600_000_000L, whole(m.group(2))),
            minutes * 60_000_000L + micros(seconds, 1_000_000));
    return m.group(1).equals("-") ? -time : time;
  }

  private static String singular(String unit) {
    return unit.length() > 2 && unit.endsWith("s") ? unit.substring(0, unit.length() - 1) : unit;
  }

  private static long whole(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static long micros(String number, long unit) {
    if (unit != 1_000_000 && number.indexOf('.') >= 0) {
      throw invalid();
    }
    return new BigDecimal(number)
        .multiply(BigDecimal.valueOf(unit))
        .setScale(0, RoundingMode.UNNECESSARY)
        .longValueExact();
  }

  private static IllegalArgumentException invalid() {
    return new IllegalArgumentException("invalid input syntax for type interval");
  }
}
