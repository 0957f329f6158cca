package dev.penstock.shapes.where;

import dev.penstock.contracts.log.Relation;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The types that a clause can compare, and how their Postgres text is read.
///
/// A decoded value is a Boolean, Long, Double, String, [Numeric] or [Interval]; two values of one
/// type are of one class, and equal by [#compare] if and only if they are so in Postgres.
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
  TIME("time"),
  TIMESTAMP("timestamp"),
  TIMESTAMPTZ("timestamptz"),
  INTERVAL("interval"),
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
          Map.entry("dec", NUMERIC),
          Map.entry("float4", FLOAT4),
          Map.entry("real", FLOAT4),
          Map.entry("float8", FLOAT8),
          Map.entry("float", FLOAT8),
          Map.entry("double", FLOAT8),
          Map.entry("text", TEXT),
          Map.entry("varchar", VARCHAR),
          Map.entry("bpchar", BPCHAR),
          Map.entry("uuid", UUID),
          Map.entry("date", DATE),
          Map.entry("time", TIME),
          Map.entry("timestamp", TIMESTAMP),
          Map.entry("timestamptz", TIMESTAMPTZ),
          Map.entry("interval", INTERVAL));

  private final String sql;

  ValueType(String sql) {
    this.sql = sql;
  }

  /// A column's type.
  public static ValueType of(Relation.Column column) {
    return column.dimensions() > 0 ? OTHER : element(column);
  }

  /// The type of a column's elements, or of the column if it is no array.
  static ValueType element(Relation.Column column) {
    return switch (column.typeKind()) {
      case "b" -> column.type().equals("double") ? OTHER : named(column.type());
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
    return this == TEXT || this == VARCHAR || this == BPCHAR;
  }

  boolean isInteger() {
    return this == INT2 || this == INT4 || this == INT8;
  }

  boolean isFloat() {
    return this == FLOAT4 || this == FLOAT8;
  }

  boolean isNumber() {
    return isInteger() || this == NUMERIC || isFloat();
  }

  /// Whether it is a place in time.
  boolean isMoment() {
    return this == DATE || this == TIMESTAMP || this == TIMESTAMPTZ;
  }

  /// The type as which values of both types are compared by an operator; null if they are not.
  @Nullable ValueType comparedWith(ValueType other) {
    if (this == OTHER || other == OTHER) {
      return null;
    }
    if (this == other) {
      return this;
    }
    if (isNumber() && other.isNumber()) {
      return isFloat() || other.isFloat()
          ? FLOAT8
          : this == NUMERIC || other == NUMERIC ? NUMERIC : INT8;
    }
    if (isMoment() && other.isMoment()) {
      return compareTo(other) > 0 ? this : other;
    }
    return isText() && other.isText() ? TEXT : null;
  }

  /// The type to which COALESCE and its like bring values of both types, the first given first;
  /// null if they do not, or if it depends on more than the types.
  @Nullable ValueType joinedWith(ValueType other) {
    if (this == other) {
      return this == OTHER ? null : this;
    }
    if (isNumber() && other.isNumber()) {
      return compareTo(other) > 0 ? this : other;
    }
    if (isMoment() && other.isMoment()) {
      return compareTo(other) > 0 ? this : other;
    }
    return isText() && other.isText() && this != BPCHAR && other != BPCHAR ? TEXT : null;
  }

  /// Whether equal values of both types have equal keys.
  boolean sharesValuesWith(ValueType other) {
    return this == other
        ? this != OTHER && this != INTERVAL
        : (isInteger() && other.isInteger())
            || (isText() && other.isText() && this != BPCHAR && other != BPCHAR);
  }

  /// What equal values have in common: for a hash table.
  static Object key(Comparable<?> value) {
    return value instanceof Numeric numeric
        ? new Numeric(numeric.rank(), numeric.value().stripTrailingZeros())
        : value;
  }

  /// Whether `<` and its like are defined, beside equality.
  boolean ordered() {
    return this != LABEL && this != OTHER;
  }

  /// Reads a value's text.
  ///
  /// @throws IllegalArgumentException if it is not a value of this type
  /// @throws ArithmeticException if it is out of its range
  Comparable<?> decode(String text) {
    return switch (this) {
      case BOOL -> Scalars.bool(text);
      case INT2 -> Scalars.integer(text, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT4 -> Scalars.integer(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case INT8 -> Scalars.integer(text, Long.MIN_VALUE, Long.MAX_VALUE);
      case NUMERIC -> Numeric.parse(Scalars.stripped(text));
      case FLOAT4 -> Scalars.floating(text, true);
      case FLOAT8 -> Scalars.floating(text, false);
      case TEXT, VARCHAR, LABEL -> text;
      case BPCHAR -> Scalars.withoutTrailingBlanks(text);
      case UUID -> Scalars.uuid(text);
      case DATE -> Temporal.date(text);
      case TIME -> Temporal.time(text);
      case TIMESTAMP -> Temporal.timestamp(text);
      case TIMESTAMPTZ -> Temporal.timestampWithZone(text);
      case INTERVAL -> IntervalText.parse(text);
      case OTHER -> throw new IllegalArgumentException("it cannot be compared");
    };
  }

  /// A text that Postgres reads as the same value, whatever its session's settings.
  String canonical(String text) {
    Comparable<?> value = decode(text);
    return switch (this) {
      case BOOL, INT2, INT4, INT8, UUID -> value.toString();
      case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> Temporal.iso(text);
      case INTERVAL -> IntervalText.exact((Interval) value);
      case NUMERIC, FLOAT4, FLOAT8 -> Scalars.stripped(text);
      case TEXT, VARCHAR, BPCHAR, LABEL, OTHER -> text;
    };
  }

  /// Orders two values of one type as Postgres does; text by its bytes.
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
}
