package dev.penstock.bridge.router;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.penstock.contracts.log.Relation.Column;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/// A value of Postgres' text form as Debezium's JSON has it: its default types, except that
/// `numeric` is a string (`decimal.handling.mode=string`). What Debezium does not know is its text.
final class Values {
  /// As Debezium has `timestamp 'infinity'` and its opposite.
  private static final long INFINITY = 9_223_372_036_825_200_000L;

  private static final long MINUS_INFINITY = -9_223_372_036_832_400_000L;

  private static final Set<String> OTHERS =
      Set.of(
          "bool",
          "int2",
          "int4",
          "int8",
          "oid",
          "float4",
          "float8",
          "timestamptz",
          "timestamp",
          "date",
          "time",
          "timetz",
          "bytea",
          "bit",
          "varbit",
          "money",
          "point");

  /// Postgres' own: types below it come with the server.
  private static final long FIRST_NORMAL_OID = 16_384;

  private Values() {}

  /// Whether [#write] would write the text as it is.
  static boolean asText(Column column) {
    return column.dimensions() == 0 && !OTHERS.contains(type(column));
  }

  static void write(JsonGenerator json, Column column, String text) {
    if (column.dimensions() > 0) {
      String type = type(column);
      char delimiter = type.equals("box") ? ';' : ',';
      ArrayText.write(
          text, delimiter, json, element -> scalar(json, type, column.typeModifier(), element));
    } else {
      scalar(json, type(column), column.typeModifier(), text);
    }
  }

  /// Anybody may make a type by the name of a built-in one: its values are text to us.
  private static String type(Column column) {
    return column.typeOid() < FIRST_NORMAL_OID ? column.type() : "";
  }

  private static void scalar(JsonGenerator json, String type, int modifier, String text) {
    switch (type) {
      case "bool" -> json.writeBoolean(text.equals("t"));
      case "int2", "int4", "int8", "oid" -> json.writeNumber(Long.parseLong(text));
      case "float4", "float8" -> number(json, Double.parseDouble(text), text);
      case "timestamptz", "timestamp", "date", "time", "timetz" -> {
        try {
          time(json, type, modifier, text);
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
          json.writeString(text); // Infinity, or more than 64 bits of microseconds.
        }
      }
      case "bytea" -> bytes(json, text);
      case "bit" -> {
        if (modifier == 1) {
          json.writeBoolean(text.equals("1"));
        } else {
          json.writeString(base64(bits(text)));
        }
      }
      case "varbit" -> json.writeString(base64(bits(text)));
      case "money" -> json.writeString(money(text));
      case "point" -> point(json, text);
      default -> json.writeString(text);
    }
  }

  private static void number(JsonGenerator json, double value, String text) {
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeString(text);
    }
  }

  private static void time(JsonGenerator json, String type, int modifier, String text) {
    boolean millis = modifier >= 0 && modifier <= 3;
    switch (type) {
      case "timestamptz" ->
          json.writeString(
              text.endsWith("infinity") ? text : TimeText.zoned(text, modifier < 0 ? 6 : modifier));
      case "timestamp" -> {
        if (text.endsWith("infinity")) {
          json.writeNumber(text.startsWith("-") ? MINUS_INFINITY : INFINITY);
        } else {
          long micros = TimeText.micros(text);
          json.writeNumber(millis ? Math.floorDiv(micros, 1_000) : micros);
        }
      }
      case "date" -> json.writeNumber(TimeText.date(text).toEpochDay());
      case "time" -> {
        long micros = TimeText.microsOfDay(text);
        json.writeNumber(millis ? micros / 1_000 : micros);
      }
      default -> json.writeString(TimeText.offsetTime(text));
    }
  }

  private static void bytes(JsonGenerator json, String text) {
    json.writeString(
        text.startsWith("\\x") ? base64(HexFormat.of().parseHex(text, 2, text.length())) : text);
  }

  /// Little-endian, from the first 1 on.
  private static byte[] bits(String text) {
    int one = text.indexOf('1');
    int count = one < 0 ? 0 : text.length() - one;
    byte[] bytes = new byte[(count + 7) / 8];
    for (int i = 0; i < count; i++) {
      if (text.charAt(text.length() - 1 - i) == '1') {
        bytes[i / 8] |= (byte) (1 << (i % 8));
      }
    }
    return bytes;
  }

  /// Dollars and cents, as far as they are such: other locales keep their text.
  private static String money(String text) {
    return text.matches("-?\\$[0-9,]+\\.[0-9]{2}") ? text.replaceAll("[$,]", "") : text;
  }

  private static void point(JsonGenerator json, String text) {
    int comma = text.indexOf(',');
    String x = text.substring(1, comma);
    String y = text.substring(comma + 1, text.length() - 1);
    double east = Double.parseDouble(x);
    double north = Double.parseDouble(y);
    json.writeStartObject();
    json.writeName("x");
    number(json, east, x);
    json.writeName("y");
    number(json, north, y);
    ByteBuffer wkb = ByteBuffer.allocate(21).order(ByteOrder.LITTLE_ENDIAN);
    wkb.put((byte) 1).putInt(1).putDouble(east).putDouble(north);
    json.writeStringProperty("wkb", base64(wkb.array()));
    json.writeNullProperty("srid");
    json.writeEndObject();
  }

  private static String base64(byte[] bytes) {
    return new String(Base64.getEncoder().encode(bytes), ISO_8859_1);
  }
}
