package dev.penstock.shapes.where;

import dev.penstock.contracts.log.Relation;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The types that a clause can compare, and how their Postgres text is read.
///
/// A decoded value is a Boolean, Long, Double, String or [Numeric]; two values of comparable types
/// are of one class.
public enum ValueType {
  BOOL("bool"),
  INT2("int2"),
  INT4("int4"),
  INT8("int8"),
  NUMERIC("numeric"),
  FLOAT4("float4"),
  FLOAT8("float8"),
  TEXT("text"),
  VARCHAR("text"),
  BPCHAR("bpchar"),
  UUID("uuid"),
  DATE("date"),
  TIMESTAMP("timestamp"),
  TIMESTAMPTZ("timestamptz"),
  /// An enum's label: compared as text, and for equality only.
  LABEL("text"),
  /// Anything else: can be tested for NULL, not compared.
  OTHER("text");

  private static final Map<String, ValueType> BY_NAME =
      Map.ofEntries(
          Map.entry("bool", BOOL),
          Map.entry("boolean", BOOL),
          Map.entry("int2", INT2),
          Map.entry("smallint", INT2),
          Map.entry("int4", INT4),
          Map.entry("int", INT4),
          Map.entry("integer", INT4),
          Map.entry("int8", INT8),
          Map.entry("bigint", INT8),
          Map.entry("numeric", NUMERIC),
          Map.entry("decimal", NUMERIC),
          Map.entry("float4", FLOAT4),
          Map.entry("real", FLOAT4),
          Map.entry("float8", FLOAT8),
          Map.entry("double precision", FLOAT8),
          Map.entry("text", TEXT),
          Map.entry("varchar", VARCHAR),
          Map.entry("bpchar", BPCHAR),
          Map.entry("uuid", UUID),
          Map.entry("date", DATE),
          Map.entry("timestamp", TIMESTAMP),
          Map.entry("timestamptz", TIMESTAMPTZ));

  private static final Set<ValueType> INTEGERS = EnumSet.of(INT2, INT4, INT8);
  private static final Set<ValueType> TEXTS = EnumSet.of(TEXT, VARCHAR);

  private final String sql;

  ValueType(String sql) {
    this.sql = sql;
  }

  /// A column's type.
  public static ValueType of(Relation.Column column) {
    if (column.dimensions() > 0) {
      return OTHER;
    }
    return switch (column.typeKind()) {
      case "b" -> BY_NAME.getOrDefault(column.type(), OTHER);
      case "e" -> LABEL;
      default -> OTHER;
    };
  }

  /// The type that a cast names; [#OTHER] where it is not one of these.
  static ValueType named(String name) {
    return BY_NAME.getOrDefault(name.toLowerCase(Locale.ROOT), OTHER);
  }

  String sql() {
    return sql;
  }

  boolean isText() {
    return TEXTS.contains(this) || this == BPCHAR;
  }

  boolean isNumber() {
    return INTEGERS.contains(this) || this == NUMERIC || this == FLOAT4 || this == FLOAT8;
  }

  /// Whether values of both types compare with each other as they are.
  boolean comparableWith(ValueType other) {
    return this != OTHER
        && (this == other
            || (INTEGERS.contains(this) && INTEGERS.contains(other))
            || (TEXTS.contains(this) && TEXTS.contains(other)));
  }

  /// Whether equal values of both types have equal keys.
  boolean sharesValuesWith(ValueType other) {
    return comparableWith(other);
  }

  /// What equal values have in common: for a hash table.
  static Object key(Comparable<?> value) {
    return value instanceof Numeric numeric
        ? new Numeric(numeric.rank(), numeric.value().stripTrailingZeros())
        : value;
  }

  /// Whether `<` and its like are defined, beside equality.
  boolean ordered() {
    return this != BOOL && this != LABEL && this != OTHER;
  }

  /// Reads a value's text.
  ///
  /// @throws IllegalArgumentException if it is not a value of this type
  Comparable<?> decode(String text) {
    return switch (this) {
      case BOOL -> bool(text);
      case INT2 -> integer(text, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT4 -> integer(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case INT8 -> integer(text, Long.MIN_VALUE, Long.MAX_VALUE);
      case NUMERIC -> Numeric.parse(text.strip());
      case FLOAT4 -> floating(text, true);
      case FLOAT8 -> floating(text, false);
      case TEXT, VARCHAR, LABEL -> text;
      case BPCHAR -> withoutTrailingBlanks(text);
      case UUID -> uuid(text);
      case DATE -> Temporal.date(text);
      case TIMESTAMP -> Temporal.timestamp(text);
      case TIMESTAMPTZ -> Temporal.timestampWithZone(text);
      case OTHER -> throw new IllegalArgumentException("it cannot be compared");
    };
  }

  /// A text that Postgres reads as the same value, whatever its session's settings.
  String canonical(String text) {
    Comparable<?> value = decode(text);
    return switch (this) {
      case BOOL, INT2, INT4, INT8, UUID -> value.toString();
      case DATE, TIMESTAMP, TIMESTAMPTZ -> Temporal.iso(text);
      case NUMERIC, FLOAT4, FLOAT8 -> text.strip();
      case TEXT, VARCHAR, BPCHAR, LABEL, OTHER -> text;
    };
  }

  /// Orders two decoded values as Postgres does; text by its bytes.
  @SuppressWarnings({"unchecked", "rawtypes"}) // both are of one class
  static int compare(Comparable<?> left, Comparable<?> right) {
    if (left instanceof String a && right instanceof String b) {
      return compareCodePoints(a, b);
    }
    return ((Comparable) left).compareTo(right);
  }

  private static int compareCodePoints(String a, String b) {
    int n = Math.min(a.length(), b.length());
    for (int i = 0; i < n; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Surrogates stand for code points above every other char.
        boolean high = Character.isSurrogate(x);
        return high == Character.isSurrogate(y) ? Character.compare(x, y) : high ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  private static Boolean bool(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
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

  private static Long integer(String text, long min, long max) {
    try {
      long value = Long.parseLong(text.strip());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid input syntax for type integer", e);
    }
    throw new IllegalArgumentException("integer out of range");
  }

  private static double floating(String text, boolean single) {
    String word = text.strip();
    if (!word.matches("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?Infinity|NaN")) {
      throw new IllegalArgumentException("invalid input syntax for type double precision");
    }
    double value = single ? Float.parseFloat(word) : Double.parseDouble(word);
    if (Double.isInfinite(value) && !word.endsWith("y")) {
      throw new IllegalArgumentException("value out of range");
    }
    return value == 0 ? 0 : value;
  }

  private static String withoutTrailingBlanks(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  private static String uuid(String text) {
    String hex = text.strip();
    if (hex.startsWith("{") && hex.endsWith("}")) {
      hex = hex.substring(1, hex.length() - 1);
    }
    if (!hex.matches("[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")) {
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

  /// A numeric with its special values, ordered as Postgres does.
  ///
  /// @param rank -1 for -Infinity, 1 for Infinity, 2 for NaN, else 0
  record Numeric(int rank, BigDecimal value) implements Comparable<Numeric> {
    private static final Comparator<Numeric> ORDER =
        Comparator.comparingInt(Numeric::rank).thenComparing(Numeric::value);

    static Numeric parse(String text) {
      return switch (text) {
        case "NaN" -> new Numeric(2, BigDecimal.ZERO);
        case "Infinity" -> new Numeric(1, BigDecimal.ZERO);
        case "-Infinity" -> new Numeric(-1, BigDecimal.ZERO);
        default -> {
          if (!text.matches("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?")) {
            throw new IllegalArgumentException("invalid input syntax for type numeric");
          }
          yield new Numeric(0, new BigDecimal(text));
        }
      };
    }

    @Override
    public int compareTo(Numeric other) {
      return ORDER.compare(this, other);
    }
  }
}
