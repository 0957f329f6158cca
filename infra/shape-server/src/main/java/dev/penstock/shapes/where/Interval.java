package dev.penstock.shapes.where;

import java.util.Comparator;

/// An interval. Its parts are kept apart, but equal and ordered as if a month had 30 days and a day
/// 24 hours, as in Postgres.
///
/// @param micros microseconds
record Interval(int months, int days, long micros) implements Comparable<Interval> {
  static final Interval INFINITY =
      new Interval(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE);
  static final Interval NEGATIVE_INFINITY =
      new Interval(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE);
  static final long DAY = 86_400_000_000L;

  private static final Comparator<Interval> ORDER =
      Comparator.comparingLong(Interval::wholeDays)
          .thenComparingLong(i -> Math.floorMod(i.micros, DAY));
  private static final double DAYS_OF_MONTH = 30;
  private static final double SECONDS_OF_DAY = 86_400;

  boolean isInfinite() {
    return equals(INFINITY) || equals(NEGATIVE_INFINITY);
  }

  Interval plus(Interval other) {
    if (isInfinite() || other.isInfinite()) {
      if (isInfinite() && other.isInfinite() && !equals(other)) {
        throw new ArithmeticException("interval out of range");
      }
      return isInfinite() ? this : other;
    }
    return finite(
        Math.addExact(months, other.months),
        Math.addExact(days, other.days),
        Math.addExact(micros, other.micros));
  }

  Interval minus(Interval other) {
    if (isInfinite() || other.isInfinite()) {
      return plus(other.negated());
    }
    return finite(
        Math.subtractExact(months, other.months),
        Math.subtractExact(days, other.days),
        Math.subtractExact(micros, other.micros));
  }

  Interval negated() {
    if (isInfinite()) {
      return equals(INFINITY) ? NEGATIVE_INFINITY : INFINITY;
    }
    return finite(Math.negateExact(months), Math.negateExact(days), Math.negateExact(micros));
  }

  Interval times(double factor) {
    if (Double.isNaN(factor)) {
      throw new ArithmeticException("interval out of range");
    }
    if (isInfinite() || Double.isInfinite(factor)) {
      double sign = Math.signum(factor) * sign();
      if (sign == 0) {
        throw new ArithmeticException("interval out of range");
      }
      return sign > 0 ? INFINITY : NEGATIVE_INFINITY;
    }
    return scaled(months * factor, days * factor, micros * factor);
  }

  Interval dividedBy(double divisor) {
    if (divisor == 0) {
      throw new ArithmeticException("division by zero");
    }
    if (Double.isNaN(divisor) || (isInfinite() && Double.isInfinite(divisor))) {
      throw new ArithmeticException("interval out of range");
    }
    if (isInfinite()) {
      return Math.signum(divisor) * sign() > 0 ? INFINITY : NEGATIVE_INFINITY;
    }
    return scaled(months / divisor, days / divisor, micros / divisor);
  }

  /// What months and days do not hold whole goes into the smaller parts (`interval_mul`).
  private static Interval scaled(double months, double days, double micros) {
    int wholeMonths = narrowed(months);
    int wholeDays = narrowed(days);
    double monthDays = rounded((months - wholeMonths) * DAYS_OF_MONTH);
    double seconds = rounded((days - wholeDays + monthDays - (int) monthDays) * SECONDS_OF_DAY);
    if (Math.abs(seconds) >= SECONDS_OF_DAY) {
      wholeDays = Math.addExact(wholeDays, (int) (seconds / SECONDS_OF_DAY));
      seconds -= ((int) (seconds / SECONDS_OF_DAY)) * SECONDS_OF_DAY;
    }
    wholeDays = Math.addExact(wholeDays, (int) monthDays);
    double time = Math.rint(micros + seconds * 1_000_000);
    if (!(time >= -0x1p63 && time < 0x1p63)) {
      throw new ArithmeticException("interval out of range");
    }
    return finite(wholeMonths, wholeDays, (long) time);
  }

  private static int narrowed(double value) {
    if (!(value >= Integer.MIN_VALUE && value < -(double) Integer.MIN_VALUE)) {
      throw new ArithmeticException("interval out of range");
    }
    return (int) value;
  }

  private static double rounded(double seconds) {
    return Math.rint(seconds * 1_000_000) / 1_000_000;
  }

  private static Interval finite(int months, int days, long micros) {
    Interval result = new Interval(months, days, micros);
    if (result.isInfinite()) {
      throw new ArithmeticException("interval out of range");
    }
    return result;
  }

  private int sign() {
    return compareTo(new Interval(0, 0, 0));
  }

  private long wholeDays() {
    return 30L * months + days + Math.floorDiv(micros, DAY);
  }

  @Override
  public int compareTo(Interval other) {
    return ORDER.compare(this, other);
  }
}
