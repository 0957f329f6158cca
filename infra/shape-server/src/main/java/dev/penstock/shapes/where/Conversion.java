package dev.penstock.shapes.where;

/// Values of one type as values of another, as Postgres' casts have it.
final class Conversion {
  private static final int FLOAT4_DIGITS = 6;
  private static final int FLOAT8_DIGITS = 15;

  private Conversion() {}

  /// A value as one of the type as which an operator compares it.
  static Comparable<?> compared(Comparable<?> value, ValueType from, ValueType to) {
    return from == ValueType.DATE && to != ValueType.DATE
        ? TimeArithmetic.anyMidnight((Long) value)
        : cast(value, from, to);
  }

  /// @throws ArithmeticException if it does not fit
  /// @throws IllegalArgumentException if a text is no such value
  static Comparable<?> cast(Comparable<?> value, ValueType from, ValueType to) {
    if (from == to) {
      return value;
    }
    return switch (to) {
      case INT2 -> integer(value, from, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT4 -> integer(value, from, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case INT8 -> integer(value, from, Long.MIN_VALUE, Long.MAX_VALUE);
      case NUMERIC ->
          switch (value) {
            case Long number -> Numeric.of(number);
            case Double number ->
                Numeric.of(number, from == ValueType.FLOAT4 ? FLOAT4_DIGITS : FLOAT8_DIGITS);
            default -> to.decode((String) value);
          };
      case FLOAT4, FLOAT8 -> floating(value, to == ValueType.FLOAT4);
      case BOOL -> value instanceof Long number ? number != 0 : to.decode((String) value);
      case DATE -> TimeArithmetic.dateOf((Long) value);
      case TIME -> Math.floorMod((Long) value, Interval.DAY);
      case TIMESTAMP, TIMESTAMPTZ ->
          from == ValueType.DATE ? TimeArithmetic.midnight((Long) value) : value;
      case TEXT, VARCHAR -> text(value);
      case BPCHAR, UUID -> to.decode((String) value);
      case INTERVAL, LABEL, OTHER -> throw new IllegalArgumentException("there is no such cast");
    };
  }

  /// Whether a cast is allowed. Those of texts to dates and floats depend on settings and on the C
  /// library.
  static boolean exists(ValueType from, ValueType to) {
    if (from == to) {
      return from != ValueType.OTHER;
    }
    return switch (to) {
      case INT2, INT8, NUMERIC -> from.isNumber() || from.isText();
      case INT4 -> from.isNumber() || from.isText() || from == ValueType.BOOL;
      case FLOAT4, FLOAT8 -> from.isNumber();
      case BOOL -> from == ValueType.INT4 || from.isText();
      case DATE, TIMESTAMP, TIMESTAMPTZ -> from.isMoment();
      case TIME -> from == ValueType.TIMESTAMP || from == ValueType.TIMESTAMPTZ;
      case TEXT, VARCHAR ->
          from.isText()
              || from.isInteger()
              || from == ValueType.NUMERIC
              || from == ValueType.BOOL
              || from == ValueType.UUID
              || from == ValueType.LABEL;
      case BPCHAR -> from.isText();
      case UUID -> from.isText();
      case INTERVAL, LABEL, OTHER -> false;
    };
  }

  private static long integer(Comparable<?> value, ValueType from, long min, long max) {
    return switch (value) {
      case Long number -> Scalars.inRange(number, min, max);
      case Boolean truth -> truth ? 1 : 0;
      case Numeric number -> number.integer(min, max);
      case Double number -> {
        double rounded = Math.rint(number);
        // The upper bound itself is no double of the type INT8.
        if (!(rounded >= min && rounded < max + 1.0)) {
          throw new ArithmeticException("integer out of range");
        }
        yield (long) rounded;
      }
      case String text -> Scalars.integer(text, min, max);
      default -> throw new IllegalArgumentException("no number of type " + from);
    };
  }

  private static double floating(Comparable<?> value, boolean single) {
    return switch (value) {
      case Long number -> single ? (double) (float) (long) number : (double) (long) number;
      case Numeric number -> number.floating(single);
      case Double number -> single ? narrowed(number) : number;
      default -> throw new IllegalArgumentException("no number");
    };
  }

  /// A double as a float4.
  static double narrowed(double value) {
    double result = (float) value;
    if (Double.isInfinite(result) && !Double.isInfinite(value)) {
      throw new ArithmeticException("value out of range: overflow");
    }
    if (result == 0 && value != 0) {
      throw new ArithmeticException("value out of range: underflow");
    }
    return result;
  }

  static String text(Comparable<?> value) {
    return value instanceof Numeric number ? number.text() : value.toString();
  }
}
