package dev.penstock.bridge.router;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.stream.IntStream;

/// Reads Postgres' ISO form of times: years of any length, and before Christ.
///
/// All methods throw a [java.time.DateTimeException], an [ArithmeticException] or a
/// [NumberFormatException] for what they cannot say.
final class TimeText {
  private static final String BEFORE_CHRIST = " BC";
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  /// By the number of digits behind the second.
  private static final List<DateTimeFormatter> ZONED =
      IntStream.rangeClosed(0, 6).mapToObj(TimeText::formatter).toList();

  private TimeText() {}

  private static DateTimeFormatter formatter(int digits) {
    DateTimeFormatterBuilder builder =
        new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral('T')
            .appendPattern("HH:mm:ss");
    if (digits > 0) {
      builder.appendFraction(ChronoField.NANO_OF_SECOND, digits, digits, true);
    }
    return builder.appendLiteral('Z').toFormatter();
  }

  static LocalDate date(String text) {
    boolean before = text.endsWith(BEFORE_CHRIST);
    String date = before ? text.substring(0, text.length() - BEFORE_CHRIST.length()) : text;
    int dash = date.indexOf('-', 1);
    if (dash < 0) {
      throw new java.time.DateTimeException("no date");
    }
    int year = Integer.parseInt(date, 0, dash, 10);
    return LocalDate.of(
        before ? 1 - year : year,
        Integer.parseInt(date, dash + 1, dash + 3, 10),
        Integer.parseInt(date, dash + 4, dash + 6, 10));
  }

  /// Microseconds since 1970-01-01.
  static long micros(String text) {
    LocalDateTime at = dateTime(text);
    return Math.addExact(
        Math.multiplyExact(at.toLocalDate().toEpochDay(), MICROS_PER_DAY),
        at.toLocalTime().toNanoOfDay() / 1_000);
  }

  private static LocalDateTime dateTime(String text) {
    boolean before = text.endsWith(BEFORE_CHRIST);
    String at = before ? text.substring(0, text.length() - BEFORE_CHRIST.length()) : text;
    int space = at.indexOf(' ');
    if (space < 0) {
      throw new java.time.DateTimeException("no time");
    }
    String day = at.substring(0, space);
    return date(before ? day + BEFORE_CHRIST : day)
        .atTime(LocalTime.parse(at.substring(space + 1)));
  }

  /// In UTC and ISO 8601, of a text with any offset.
  static String zoned(String text, int digits) {
    boolean before = text.endsWith(BEFORE_CHRIST);
    String at = before ? text.substring(0, text.length() - BEFORE_CHRIST.length()) : text;
    int sign = offsetAt(at);
    ZoneOffset offset = ZoneOffset.of(at.substring(sign));
    String local = at.substring(0, sign);
    LocalDateTime utc =
        dateTime(before ? local + BEFORE_CHRIST : local).minusSeconds(offset.getTotalSeconds());
    return ZONED.get(digits).format(utc);
  }

  /// Postgres' day ends at 24:00:00.
  static long microsOfDay(String text) {
    return text.equals("24:00:00") ? MICROS_PER_DAY : LocalTime.parse(text).toNanoOfDay() / 1_000;
  }

  static String offsetTime(String text) {
    int sign = offsetAt(text);
    OffsetTime time =
        LocalTime.parse(text.substring(0, sign)).atOffset(ZoneOffset.of(text.substring(sign)));
    return DateTimeFormatter.ISO_OFFSET_TIME.format(time.withOffsetSameInstant(ZoneOffset.UTC));
  }

  private static int offsetAt(String text) {
    int sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
    if (sign < text.indexOf(':')) {
      throw new java.time.DateTimeException("no offset");
    }
    return sign;
  }
}
