package dev.penstock.shapes.where;

import static dev.penstock.shapes.where.ValueType.FLOAT4;
import static dev.penstock.shapes.where.ValueType.FLOAT8;
import static dev.penstock.shapes.where.ValueType.NUMERIC;

import org.jspecify.annotations.Nullable;

/// `+ - * / %` on numbers, with Postgres' types, ranges and errors. A result that Postgres would
/// refuse is an ArithmeticException.
final class Arithmetic {
  private Arithmetic() {}

  /// The operator on two numbers, null if there is none.
  static @Nullable Call of(String operator, Expr left, Expr right) {
    ValueType a = left.type();
    ValueType b = right.type();
    if (a.isInteger() && b.isInteger()) {
      ValueType type = a.compareTo(b) > 0 ? a : b;
      return Call.binary(
          type,
          left,
          operator,
          right,
          values -> integer(operator, (Long) values[0], (Long) values[1], type));
    }
    if (!a.isFloat() && !b.isFloat()) {
      return Call.binary(
          NUMERIC,
          Call.implicit(left, NUMERIC),
          operator,
          Call.implicit(right, NUMERIC),
          values -> numeric(operator, (Numeric) values[0], (Numeric) values[1]));
    }
    if (operator.equals("%")) {
      return null;
    }
    boolean single = a == FLOAT4 && b == FLOAT4;
    ValueType type = single ? FLOAT4 : FLOAT8;
    return Call.binary(
        type,
        Call.implicit(left, type),
        operator,
        Call.implicit(right, type),
        values -> floating(operator, (Double) values[0], (Double) values[1], single));
  }

  static Call negated(Expr part) {
    return Call.unary(
        part.type(),
        "(- ",
        part,
        ")",
        values ->
            switch (values[0]) {
              case Long number -> inRange(Math.negateExact(number), part.type());
              case Double number -> number == 0 ? number : (Double) (-number);
              case Numeric number -> number.negated();
              case Interval interval -> interval.negated();
              default -> throw new IllegalArgumentException("no number");
            });
  }

  static Call absolute(Expr part) {
    return Call.unary(
        part.type(),
        "abs(",
        part,
        ")",
        values ->
            switch (values[0]) {
              case Long number -> inRange(Math.absExact(number), part.type());
              case Double number -> Math.abs(number);
              case Numeric number -> number.absolute();
              default -> throw new IllegalArgumentException("no number");
            });
  }

  private static Long integer(String operator, long a, long b, ValueType type) {
    return switch (operator) {
      case "+" -> inRange(Math.addExact(a, b), type);
      case "-" -> inRange(Math.subtractExact(a, b), type);
      case "*" -> inRange(Math.multiplyExact(a, b), type);
      case "/" -> inRange(Math.divideExact(a, nonZero(b)), type);
      default -> a % nonZero(b);
    };
  }

  private static long nonZero(long divisor) {
    if (divisor == 0) {
      throw new ArithmeticException("division by zero");
    }
    return divisor;
  }

  private static Long inRange(long value, ValueType type) {
    return switch (type) {
      case INT2 -> Scalars.inRange(value, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT4 -> Scalars.inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      default -> value;
    };
  }

  private static Numeric numeric(String operator, Numeric a, Numeric b) {
    return switch (operator) {
      case "+" -> a.plus(b);
      case "-" -> a.minus(b);
      case "*" -> a.times(b);
      case "/" -> a.dividedBy(b);
      default -> a.remainder(b);
    };
  }

  private static Double floating(String operator, double a, double b, boolean single) {
    if (operator.equals("/") && b == 0 && !Double.isNaN(a)) {
      throw new ArithmeticException("division by zero");
    }
    double exact =
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          default -> a / b;
        };
    double result = single ? (float) exact : exact;
    boolean infinite = Double.isInfinite(a) || (Double.isInfinite(b) && !operator.equals("/"));
    if (Double.isInfinite(result) && !infinite) {
      throw new ArithmeticException("value out of range: overflow");
    }
    boolean product = operator.equals("*") && a != 0 && b != 0;
    boolean quotient = operator.equals("/") && a != 0 && !Double.isInfinite(b);
    if (result == 0 && (product || quotient)) {
      throw new ArithmeticException("value out of range: underflow");
    }
    // There is no -0 that a clause could tell from 0.
    return result == 0 ? 0 : result;
  }
}
