package dev.penstock.replay;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A value of the envelope as the text that Postgres reads: the way back of the router's values.
///
/// @param name of the base type or of an array's elements, `pg_type.typname`; empty for types that
///   are not Postgres' own, which the envelope has as their text
/// @param modifier `pg_attribute.atttypmod`
record PostgresText(String name, int modifier) {
  /// As Debezium has `timestamp 'infinity'` and its opposite.
  private static final long INFINITY = 9_223_372_036_825_200_000L;

  private static final long MINUS_INFINITY = -9_223_372_036_832_400_000L;
  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");

  @Nullable String of(JsonNode value) {
    if (value.isNull()) {
      return null;
    }
    if (value.isArray()) {
      StringBuilder text = new StringBuilder();
      array(value, text);
      return text.toString();
    }
    return scalar(value);
  }

  private void array(JsonNode values, StringBuilder text) {
    char delimiter = name.equals("box") ? ';' : ',';
    text.append('{');
    boolean first = true;
    for (JsonNode value : values) {
      if (!first) {
        text.append(delimiter);
      }
      first = false;
      if (value.isArray()) {
        array(value, text);
      } else if (value.isNull()) {
        text.append("NULL");
      } else {
        String quoted = scalar(value).replace("\\", "\\\\").replace("\"", "\\\"");
        text.append('"').append(quoted).append('"');
      }
    }
    text.append('}');
  }

  private String scalar(JsonNode value) {
    boolean number = value.isIntegralNumber();
    return switch (name) {
      case "date" -> number ? date(LocalDate.ofEpochDay(value.asLong())) : value.asString();
      case "timestamp" -> number ? timestamp(value.asLong()) : value.asString();
      case "timestamptz" -> zoned(value.asString());
      case "time" -> number ? time(micros(value.asLong())) : value.asString();
      case "bytea" ->
          "\\x" + HexFormat.of().formatHex(Base64.getDecoder().decode(value.asString()));
      case "bit", "varbit" -> bits(value);
      case "point" ->
          value.isObject() ? "(" + xy(value, "x") + "," + xy(value, "y") + ")" : text(value);
      default -> text(value);
    };
  }

  private static String text(JsonNode value) {
    return value.isContainer() ? value.toString() : value.asString();
  }

  private static String xy(JsonNode point, String name) {
    return text(point.path(name));
  }

  private long micros(long value) {
    return modifier >= 0 && modifier <= 3 ? Math.multiplyExact(value, 1_000) : value;
  }

  private String timestamp(long value) {
    if (value == INFINITY || value == MINUS_INFINITY) {
      return value == INFINITY ? "infinity" : "-infinity";
    }
    long micros = micros(value);
    LocalDateTime at =
        LocalDateTime.ofInstant(
            Instant.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1_000L),
            ZoneOffset.UTC);
    return era(at.toLocalDate(), " " + TIME.format(at));
  }

  private static String date(LocalDate date) {
    return era(date, "");
  }

  private static String era(LocalDate date, String time) {
    int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
    String day = "%04d-%02d-%02d".formatted(year, date.getMonthValue(), date.getDayOfMonth());
    return day + time + (date.getYear() > 0 ? "" : " BC");
  }

  /// ISO 8601 has a sign before years of more than four digits, and before Christ.
  private static String zoned(String text) {
    if (text.startsWith("+")) {
      return text.substring(1);
    }
    if (text.startsWith("-") && !text.endsWith("infinity")) {
      int dash = text.indexOf('-', 1);
      int year = 1 - Integer.parseInt(text, 0, dash, 10);
      return "%04d".formatted(year) + text.substring(dash) + " BC";
    }
    return text;
  }

  private static String time(long micros) {
    return micros == MICROS_PER_DAY
        ? "24:00:00"
        : TIME.format(LocalTime.ofNanoOfDay(micros * 1_000));
  }

  /// The envelope has bits from the first 1 on: `bit(n)` knows how many zeros were before it,
  /// `varbit` does not.
  private String bits(JsonNode value) {
    if (value.isBoolean()) {
      return value.asBoolean() ? "1" : "0";
    }
    byte[] bytes = Base64.getDecoder().decode(value.asString());
    StringBuilder text = new StringBuilder();
    for (int i = bytes.length - 1; i >= 0; i--) {
      for (int bit = 7; bit >= 0; bit--) {
        text.append(bytes[i] >> bit & 1);
      }
    }
    int first = text.indexOf("1");
    String ones = first < 0 ? "" : text.substring(first);
    int length = name.equals("bit") ? Math.max(1, modifier) : ones.length();
    return "0".repeat(Math.max(0, length - ones.length())) + ones;
  }
}
