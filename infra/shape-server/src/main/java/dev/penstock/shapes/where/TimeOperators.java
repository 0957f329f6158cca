package dev.penstock.shapes.where;

import static dev.penstock.shapes.where.ValueType.DATE;
import static dev.penstock.shapes.where.ValueType.FLOAT8;
import static dev.penstock.shapes.where.ValueType.INT2;
import static dev.penstock.shapes.where.ValueType.INT4;
import static dev.penstock.shapes.where.ValueType.INTERVAL;
import static dev.penstock.shapes.where.ValueType.TIME;
import static dev.penstock.shapes.where.ValueType.TIMESTAMP;

import org.jspecify.annotations.Nullable;

/// `+ - * /` on dates, times and intervals.
final class TimeOperators {
  private TimeOperators() {}

  /// The operator, null if there is none.
  static @Nullable Call of(String operator, Expr left, Expr right) {
    return switch (operator) {
      case "+" -> {
        Call sum = sum(left, right, left, right, false);
        yield sum != null ? sum : sum(right, left, left, right, true);
      }
      case "-" -> difference(left, right);
      case "*" ->
          left.type() == INTERVAL && right.type().isNumber()
              ? scaled(left, "*", right, 0)
              : right.type() == INTERVAL && left.type().isNumber()
                  ? scaled(left, "*", right, 1)
                  : null;
      case "/" ->
          left.type() == INTERVAL && right.type().isNumber() ? scaled(left, "/", right, 0) : null;
      default -> null;
    };
  }

  private static @Nullable Call sum(Expr a, Expr b, Expr left, Expr right, boolean turned) {
    int first = turned ? 1 : 0;
    int second = 1 - first;
    ValueType type = a.type();
    if (b.type() == INTERVAL) {
      return switch (type) {
        case DATE ->
            Call.binary(
                TIMESTAMP,
                left,
                "+",
                right,
                v ->
                    TimeArithmetic.plus(
                        TimeArithmetic.midnight((Long) v[first]), (Interval) v[second]));
        case TIMESTAMP, TIMESTAMPTZ ->
            Call.binary(
                type,
                left,
                "+",
                right,
                v -> TimeArithmetic.plus((Long) v[first], (Interval) v[second]));
        case TIME ->
            Call.binary(
                TIME,
                left,
                "+",
                right,
                v -> TimeArithmetic.timePlus((Long) v[first], (Interval) v[second]));
        case INTERVAL ->
            Call.binary(INTERVAL, left, "+", right, v -> ((Interval) v[0]).plus((Interval) v[1]));
        default -> null;
      };
    }
    if (type == DATE && (b.type() == INT4 || b.type() == INT2)) {
      return Call.binary(
          DATE, left, "+", right, v -> TimeArithmetic.datePlus((Long) v[first], (Long) v[second]));
    }
    if (type == DATE && b.type() == TIME) {
      return Call.binary(
          TIMESTAMP,
          left,
          "+",
          right,
          v ->
              TimeArithmetic.plus(
                  TimeArithmetic.midnight((Long) v[first]), new Interval(0, 0, (Long) v[second])));
    }
    return null;
  }

  private static @Nullable Call difference(Expr left, Expr right) {
    ValueType a = left.type();
    ValueType b = right.type();
    if (b == INTERVAL) {
      return switch (a) {
        case DATE ->
            Call.binary(
                TIMESTAMP,
                left,
                "-",
                right,
                v ->
                    TimeArithmetic.plus(
                        TimeArithmetic.midnight((Long) v[0]), ((Interval) v[1]).negated()));
        case TIMESTAMP, TIMESTAMPTZ ->
            Call.binary(
                a,
                left,
                "-",
                right,
                v -> TimeArithmetic.plus((Long) v[0], ((Interval) v[1]).negated()));
        case TIME ->
            Call.binary(
                TIME,
                left,
                "-",
                right,
                v -> TimeArithmetic.timePlus((Long) v[0], ((Interval) v[1]).negated()));
        case INTERVAL ->
            Call.binary(INTERVAL, left, "-", right, v -> ((Interval) v[0]).minus((Interval) v[1]));
        default -> null;
      };
    }
    if (a == DATE && (b == INT4 || b == INT2)) {
      return Call.binary(
          DATE, left, "-", right, v -> TimeArithmetic.datePlus((Long) v[0], -(Long) v[1]));
    }
    if (a == DATE && b == DATE) {
      return Call.binary(
          INT4, left, "-", right, v -> TimeArithmetic.dateDifference((Long) v[0], (Long) v[1]));
    }
    if (a == TIME && b == TIME) {
      return Call.binary(
          INTERVAL, left, "-", right, v -> new Interval(0, 0, (Long) v[0] - (Long) v[1]));
    }
    if (a.isMoment() && b.isMoment()) {
      ValueType as = a.compareTo(b) > 0 ? a : b;
      return Call.binary(
          INTERVAL,
          Call.implicit(left, as),
          "-",
          Call.implicit(right, as),
          v -> TimeArithmetic.difference((Long) v[0], (Long) v[1]));
    }
    return null;
  }

  private static Call scaled(Expr left, String operator, Expr right, int interval) {
    return Call.binary(
        INTERVAL,
        interval == 0 ? left : Call.implicit(left, FLOAT8),
        operator,
        interval == 0 ? Call.implicit(right, FLOAT8) : right,
        v -> {
          double factor = (Double) v[1 - interval];
          Interval value = (Interval) v[interval];
          return operator.equals("*") ? value.times(factor) : value.dividedBy(factor);
        });
  }
}
