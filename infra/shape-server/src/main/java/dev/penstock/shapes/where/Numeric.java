package dev.penstock.shapes.where;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.regex.Pattern;

/// A numeric with its special values, with Postgres' order, scales and limits (`numeric.c`).
///
/// @param rank -1 for -Infinity, 1 for Infinity, 2 for NaN, else 0
/// @param value with a scale of at least 0, which is the digits that Postgres shows
record Numeric(int rank, BigDecimal value) implements Comparable<Numeric> {
  static final Numeric NAN = new Numeric(2, BigDecimal.ZERO);
  static final Numeric INFINITY = new Numeric(1, BigDecimal.ZERO);
  static final Numeric NEGATIVE_INFINITY = new Numeric(-1, BigDecimal.ZERO);

  private static final Comparator<Numeric> ORDER =
      Comparator.comparingInt(Numeric::rank).thenComparing(Numeric::value);
  private static final Pattern SYNTAX =
      Pattern.compile("[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d{1,6})?");
  private static final int MAX_DIGITS = 131_072;
  private static final int MAX_SCALE = 16_383;
  private static final int DIVISION_DIGITS = 16;
  private static final int MAX_DIVISION_SCALE = 1_000;

  /// @throws IllegalArgumentException if it is no numeric
  static Numeric parse(String text) {
    return switch (text) {
      case "NaN" -> NAN;
      case "Infinity" -> INFINITY;
      case "-Infinity" -> NEGATIVE_INFINITY;
      default -> {
        if (!SYNTAX.matcher(text).matches()) {
          throw new IllegalArgumentException("invalid input syntax for type numeric");
        }
        BigDecimal value = new BigDecimal(text);
        // Before it becomes as long as its exponent says.
        if (value.precision() - (long) value.scale() > MAX_DIGITS || value.scale() > MAX_SCALE) {
          throw new IllegalArgumentException("value overflows numeric format");
        }
        yield new Numeric(0, value.scale() < 0 ? value.setScale(0) : value);
      }
    };
  }

  static Numeric of(long value) {
    return new Numeric(0, BigDecimal.valueOf(value));
  }

  /// A double as Postgres casts it: its first 15 digits, 6 of a float4.
  static Numeric of(double value, int digits) {
    if (Double.isNaN(value)) {
      return NAN;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? INFINITY : NEGATIVE_INFINITY;
    }
    BigDecimal rounded =
        new BigDecimal(value)
            .round(new MathContext(digits, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    return new Numeric(0, rounded.scale() < 0 ? rounded.setScale(0) : rounded);
  }

  Numeric plus(Numeric other) {
    if (rank != 0 || other.rank != 0) {
      return isNaN() || other.isNaN() || rank * other.rank == -1 ? NAN : rank != 0 ? this : other;
    }
    return checked(value.add(other.value));
  }

  Numeric minus(Numeric other) {
    return plus(other.negated());
  }

  Numeric times(Numeric other) {
    if (rank != 0 || other.rank != 0) {
      return isNaN() || other.isNaN() ? NAN : infinity(signum() * other.signum());
    }
    if (value.precision() + (long) other.value.precision() > MAX_DIGITS + 2L * MAX_SCALE) {
      throw new ArithmeticException("value overflows numeric format");
    }
    return checked(value.multiply(other.value));
  }

  Numeric dividedBy(Numeric divisor) {
    if (isNaN() || divisor.isNaN()) {
      return NAN;
    }
    if (divisor.rank == 0 && divisor.value.signum() == 0) {
      throw new ArithmeticException("division by zero");
    }
    if (rank != 0) {
      return divisor.rank != 0 ? NAN : infinity(rank * divisor.value.signum());
    }
    if (divisor.rank != 0) {
      return of(0);
    }
    return checked(value.divide(divisor.value, quotientScale(divisor), RoundingMode.HALF_UP));
  }

  Numeric remainder(Numeric divisor) {
    if (isNaN() || divisor.isNaN()) {
      return NAN;
    }
    if (divisor.rank == 0 && divisor.value.signum() == 0) {
      throw new ArithmeticException("division by zero");
    }
    if (rank != 0) {
      return NAN;
    }
    if (divisor.rank != 0) {
      return this;
    }
    int scale = Math.max(value.scale(), divisor.value.scale());
    return new Numeric(0, value.remainder(divisor.value).setScale(scale, RoundingMode.UNNECESSARY));
  }

  Numeric negated() {
    return switch (rank) {
      case 0 -> new Numeric(0, value.negate());
      case 2 -> this;
      default -> infinity(-rank);
    };
  }

  Numeric absolute() {
    return signum() < 0 && !isNaN() ? negated() : this;
  }

  /// Rounded half away from zero.
  ///
  /// @throws ArithmeticException if it is not in the range
  long integer(long min, long max) {
    if (rank == 0) {
      BigInteger rounded = value.setScale(0, RoundingMode.HALF_UP).unscaledValue();
      if (rounded.bitLength() < Long.SIZE) {
        return Scalars.inRange(rounded.longValue(), min, max);
      }
    }
    throw new ArithmeticException("integer out of range");
  }

  double floating(boolean single) {
    return switch (rank) {
      case 0 -> Scalars.floating(value.toString(), single);
      case 1 -> Double.POSITIVE_INFINITY;
      case -1 -> Double.NEGATIVE_INFINITY;
      default -> Double.NaN;
    };
  }

  String text() {
    return switch (rank) {
      case 0 -> value.toPlainString();
      case 1 -> "Infinity";
      case -1 -> "-Infinity";
      default -> "NaN";
    };
  }

  private boolean isNaN() {
    return rank == 2;
  }

  private int signum() {
    return rank != 0 ? rank : value.signum();
  }

  private static Numeric infinity(int sign) {
    return sign > 0 ? INFINITY : sign < 0 ? NEGATIVE_INFINITY : NAN;
  }

  private static Numeric checked(BigDecimal result) {
    BigDecimal value =
        result.scale() > MAX_SCALE ? result.setScale(MAX_SCALE, RoundingMode.HALF_UP) : result;
    if (value.precision() - (long) value.scale() > MAX_DIGITS) {
      throw new ArithmeticException("value overflows numeric format");
    }
    return new Numeric(0, value);
  }

  /// How many digits a quotient gets: Postgres counts in groups of four (`select_div_scale`).
  private int quotientScale(Numeric divisor) {
    int weight = group(value) - group(divisor.value);
    if (firstGroup(value) <= firstGroup(divisor.value)) {
      weight--;
    }
    int scale = DIVISION_DIGITS - 4 * weight;
    scale = Math.max(scale, Math.max(value.scale(), divisor.value.scale()));
    return Math.min(Math.max(scale, 0), MAX_DIVISION_SCALE);
  }

  /// The place of the first group of four digits that is not 0; 0 is the one before the point.
  private static int group(BigDecimal number) {
    return number.signum() == 0 ? 0 : Math.floorDiv(number.precision() - number.scale() - 1, 4);
  }

  private static int firstGroup(BigDecimal number) {
    if (number.signum() == 0) {
      return 0;
    }
    return number
        .abs()
        .movePointLeft(4 * group(number))
        .setScale(0, RoundingMode.DOWN)
        .intValueExact();
  }

  @Override
  public int compareTo(Numeric other) {
    return ORDER.compare(this, other);
  }
}
