package dev.penstock.shapes.shape;

import dev.penstock.contracts.log.Relation;
import java.util.Arrays;

/// `electric-schema`: the selected columns' types, as ASCII, since it travels in a header.
public final class SchemaHeader {
  private static final String[] INTERVAL_FIELDS = {
    "MONTH", "YEAR", "DAY", "HOUR", "MINUTE", "SECOND"
  };
  private static final int[] INTERVAL_BITS = {1, 2, 3, 10, 11, 12};

  private SchemaHeader() {}

  public static String of(ShapeDefinition shape) {
    StringBuilder json = new StringBuilder("{");
    for (int index : shape.columns()) {
      Relation.Column column = shape.table().columns().get(index);
      json.append(json.length() > 1 ? "," : "");
      string(json, column.name());
      json.append(":{\"type\":");
      string(json, column.type());
      if (column.dimensions() > 0) {
        json.append(",\"dims\":").append(column.dimensions());
      }
      if (column.notNull()) {
        json.append(",\"not_null\":true");
      }
      if (column.keyIndex() >= 0) {
        json.append(",\"pk_index\":").append(column.keyIndex());
      }
      if (column.typeModifier() >= 0) {
        modifier(json, column);
      }
      json.append('}');
    }
    return json.append('}').toString();
  }

  private static void modifier(StringBuilder json, Relation.Column column) {
    int modifier = column.typeModifier();
    switch (column.type()) {
      case "varchar", "text" -> number(json, "max_length", modifier - 4);
      case "bpchar" -> number(json, "length", modifier - 4);
      case "bit", "varbit" -> number(json, "length", modifier);
      case "time", "timetz", "timestamp", "timestamptz" -> number(json, "precision", modifier);
      case "numeric" -> {
        number(json, "precision", ((modifier - 4) >> 16) & 0xFFFF);
        // Eleven bits, signed.
        number(json, "scale", (((modifier - 4) & 0x7FF) ^ 1024) - 1024);
      }
      case "interval" -> interval(json, modifier);
      default -> number(json, "type_mod", modifier);
    }
  }

  private static void interval(StringBuilder json, int modifier) {
    if ((modifier & 0xFFFF) != 0xFFFF) {
      number(json, "precision", modifier & 0xFFFF);
    }
    int mask = (modifier >> 16) & 0x7FFF;
    if (mask == 0x7FFF) {
      return;
    }
    int[] present =
        java.util.stream.IntStream.range(0, INTERVAL_BITS.length)
            .filter(i -> (mask & (1 << INTERVAL_BITS[i])) != 0)
            .toArray();
    if (present.length > 0) {
      // Year before month, else in the order of the bits.
      String first = (mask & (1 << 2)) != 0 ? "YEAR" : INTERVAL_FIELDS[present[0]];
      String last =
          Arrays.equals(present, new int[] {0, 1})
              ? "MONTH"
              : INTERVAL_FIELDS[present[present.length - 1]];
      json.append(",\"fields\":\"").append(first);
      json.append(first.equals(last) ? "" : " TO " + last).append('"');
    }
  }

  private static void number(StringBuilder json, String name, int value) {
    json.append(",\"").append(name).append("\":").append(value);
  }

  private static void string(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7E) {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
