package dev.penstock.bridge.router;

import dev.penstock.contracts.log.Relation.Column;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import tools.jackson.core.JsonGenerator;

/// A value of Postgres' text form as Debezium's JSON has it: its default types, except that
/// `numeric` is a string (`decimal.handling.mode=string`). What is not known is its text.
final class Values {
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .toFormatter();
  private static final DateTimeFormatter TIMESTAMPTZ =
      new DateTimeFormatterBuilder()
          .append(TIMESTAMP)
          .appendOffset("+HH:mm:ss", "+00")
          .toFormatter();
  private static final DateTimeFormatter ZONED =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral('T')
          .appendPattern("HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 6, 6, true)
          .appendLiteral('Z')
          .toFormatter();

  private Values() {}

  static void write(JsonGenerator json, Column column, String text) {
    if (column.dimensions() > 0) {
      json.writeString(text);
      return;
    }
    switch (column.type()) {
      case "bool" -> json.writeBoolean(text.equals("t"));
      case "int2", "int4", "int8", "oid" -> json.writeNumber(Long.parseLong(text));
      case "float4", "float8" -> number(json, text);
      case "timestamptz", "timestamp", "date", "time" -> {
        try {
          time(json, column.type(), text);
        } catch (DateTimeException e) {
          json.writeString(text); // Infinity, before Christ, or beyond the year 9999.
        }
      }
      case "bytea" ->
          json.writeString(
              text.startsWith("\\x")
                  ? Base64.getEncoder()
                      .encodeToString(HexFormat.of().parseHex(text, 2, text.length()))
                  : text);
      default -> json.writeString(text);
    }
  }

  private static void number(JsonGenerator json, String text) {
    double value = Double.parseDouble(text);
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeString(text);
    }
  }

  private static void time(JsonGenerator json, String type, String text) {
    switch (type) {
      case "timestamptz" -> {
        OffsetDateTime at = OffsetDateTime.parse(text, TIMESTAMPTZ);
        json.writeString(ZONED.format(at.withOffsetSameInstant(ZoneOffset.UTC)));
      }
      case "timestamp" -> {
        Instant at = LocalDateTime.parse(text, TIMESTAMP).toInstant(ZoneOffset.UTC);
        json.writeNumber(ChronoUnit.MICROS.between(Instant.EPOCH, at));
      }
      case "date" -> json.writeNumber(LocalDate.parse(text).toEpochDay());
      default -> json.writeNumber(LocalTime.parse(text).toNanoOfDay() / 1_000);
    }
  }
}
