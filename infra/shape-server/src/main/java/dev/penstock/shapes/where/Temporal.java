package dev.penstock.shapes.where;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Dates and timestamps in ISO form, as microseconds since 2000 (dates: days), the way Postgres
/// prints them and JavaScript's `toISOString` does. Other notations depend on settings and are
/// refused.
final class Temporal {
  private static final Pattern ISO =
      Pattern.compile(
          "(\\d{4,7})-(\\d\\d)-(\\d\\d)"
              + "(?:[ T](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,6}))?)?"
              + "( ?Z|[+-]\\d\\d(?::?\\d\\d(?::\\d\\d)?)?)?)?( BC)?");
  private static final Pattern CLOCK =
      Pattern.compile("(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,6}))?)?");
  private static final long MICROS = 1_000_000;
  private static final int LAST_YEAR = 294_276;
  private static final int LAST_YEAR_OF_DATES = 5_874_897;

  private Temporal() {}

  static Long date(String text) {
    return parse(text, Part.DATE);
  }

  static Long timestamp(String text) {
    return parse(text, Part.LOCAL);
  }

  /// Microseconds since midnight, up to 24:00.
  static Long time(String text) {
    Matcher m = CLOCK.matcher(Scalars.stripped(text));
    if (!m.matches()) {
      throw new IllegalArgumentException("not a time in ISO form");
    }
    return clock(number(m, 1), number(m, 2), number(m, 3), m.group(4));
  }

  /// Without a zone the text means UTC, the time zone of every session here.
  static Long timestampWithZone(String text) {
    return parse(text, Part.ZONED);
  }

  /// The same text in a form that `DateStyle` does not change: already ISO, only without `T`.
  static String iso(String text) {
    return Scalars.stripped(text).replace('T', ' ');
  }

  private enum Part {
    DATE,
    LOCAL,
    ZONED
  }

  private static long parse(String text, Part part) {
    String word = Scalars.stripped(text);
    if (word.equals("infinity")) {
      return Long.MAX_VALUE;
    }
    if (word.equals("-infinity")) {
      return Long.MIN_VALUE;
    }
    Matcher m = ISO.matcher(word);
    if (!m.matches()) {
      throw new IllegalArgumentException("not a date or time in ISO form");
    }
    int year = Integer.parseInt(m.group(1));
    if (year == 0 || year > (part == Part.DATE ? LAST_YEAR_OF_DATES : LAST_YEAR)) {
      throw new IllegalArgumentException("date/time field value out of range");
    }
    long days;
    try {
      int proleptic = m.group(9) == null ? year : 1 - year;
      days = TimeArithmetic.day(LocalDate.of(proleptic, number(m, 2), number(m, 3)));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("date/time field value out of range", e);
    }
    if (part == Part.DATE) {
      return TimeArithmetic.dateInRange(days);
    }
    long clock = clock(number(m, 4), number(m, 5), number(m, 6), m.group(7));
    long zone = part == Part.ZONED ? zoneSeconds(m.group(8)) : 0;
    return TimeArithmetic.timestampInRange((days * 86_400 - zone) * MICROS + clock);
  }

  private static long clock(
      int hours, int minutes, int seconds, @org.jspecify.annotations.Nullable String fraction) {
    long micros = fraction == null ? 0 : Long.parseLong((fraction + "000000").substring(0, 6));
    if (hours > 24
        || minutes > 59
        || seconds > 60
        || (hours == 24 && minutes + seconds + micros > 0)
        || (seconds == 60 && micros > 0)) {
      throw new IllegalArgumentException("date/time field value out of range");
    }
    return (hours * 3_600L + minutes * 60L + seconds) * MICROS + micros;
  }

  private static int number(Matcher m, int group) {
    String digits = m.group(group);
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static long zoneSeconds(@org.jspecify.annotations.Nullable String zone) {
    if (zone == null || zone.endsWith("Z")) {
      return 0;
    }
    String digits = zone.substring(1).replace(":", "");
    int hours = Integer.parseInt(digits.substring(0, 2));
    int minutes = digits.length() < 4 ? 0 : Integer.parseInt(digits.substring(2, 4));
    int seconds = digits.length() < 6 ? 0 : Integer.parseInt(digits.substring(4, 6));
    if (hours > 15 || minutes > 59 || seconds > 59) {
      throw new IllegalArgumentException("time zone displacement out of range");
    }
    long offset = hours * 3_600L + minutes * 60L + seconds;
    return zone.charAt(0) == '-' ? -offset : offset;
  }
}
