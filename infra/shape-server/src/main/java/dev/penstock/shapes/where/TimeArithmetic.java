package dev.penstock.shapes.where;

import java.time.LocalDate;

/// Sums and differences of dates, times and intervals, in UTC, with Postgres' ranges. Dates are
/// days since 1970, the rest microseconds; the extreme longs are the infinities.
final class TimeArithmetic {
  static final long INFINITY = Long.MAX_VALUE;
  static final long NEGATIVE_INFINITY = Long.MIN_VALUE;

  /// Postgres' epoch: from 1970 its last years would not fit into a long.
  private static final long EPOCH = LocalDate.of(2000, 1, 1).toEpochDay();

  private static final long FIRST_DAY = day(LocalDate.of(-4713, 11, 24));
  private static final long END_OF_DATES = day(LocalDate.of(5_874_898, 1, 1));
  private static final long END_OF_TIMESTAMPS = day(LocalDate.of(294_277, 1, 1));

  private TimeArithmetic() {}

  static long day(LocalDate date) {
    return date.toEpochDay() - EPOCH;
  }

  static boolean isInfinite(long moment) {
    return moment == INFINITY || moment == NEGATIVE_INFINITY;
  }

  static long dateInRange(long days) {
    if (days < FIRST_DAY || days >= END_OF_DATES) {
      throw new ArithmeticException("date out of range");
    }
    return days;
  }

  static long timestampInRange(long micros) {
    if (micros < FIRST_DAY * Interval.DAY || micros >= END_OF_TIMESTAMPS * Interval.DAY) {
      throw new ArithmeticException("timestamp out of range");
    }
    return micros;
  }

  static long datePlus(long date, long days) {
    return isInfinite(date) ? date : dateInRange(Math.addExact(date, days));
  }

  static long dateDifference(long later, long earlier) {
    if (isInfinite(later) || isInfinite(earlier)) {
      throw new ArithmeticException("cannot subtract infinite dates");
    }
    return later - earlier;
  }

  /// A date's midnight.
  static long midnight(long date) {
    if (isInfinite(date)) {
      return date;
    }
    if (date >= END_OF_TIMESTAMPS) {
      throw new ArithmeticException("date out of range for timestamp");
    }
    return date * Interval.DAY;
  }

  /// A date's midnight for comparisons, which know no range.
  static long anyMidnight(long date) {
    return isInfinite(date) || date < END_OF_TIMESTAMPS
        ? midnight(date)
        : END_OF_TIMESTAMPS * Interval.DAY;
  }

  static long dateOf(long timestamp) {
    return isInfinite(timestamp) ? timestamp : Math.floorDiv(timestamp, Interval.DAY);
  }

  /// First the months, within the month's days, then the days, then the time.
  static long plus(long timestamp, Interval interval) {
    if (interval.isInfinite()) {
      long infinity = interval.equals(Interval.INFINITY) ? INFINITY : NEGATIVE_INFINITY;
      if (isInfinite(timestamp) && timestamp != infinity) {
        throw new ArithmeticException("timestamp out of range");
      }
      return infinity;
    }
    if (isInfinite(timestamp)) {
      return timestamp;
    }
    long result = timestamp;
    if (interval.months() != 0) {
      LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(result, Interval.DAY) + EPOCH);
      long day = day(date.plusMonths(interval.months()));
      result = moved(day, Math.floorMod(result, Interval.DAY));
    }
    if (interval.days() != 0) {
      long day = Math.floorDiv(result, Interval.DAY) + interval.days();
      result = moved(day, Math.floorMod(result, Interval.DAY));
    }
    return timestampInRange(Math.addExact(result, interval.micros()));
  }

  private static long moved(long day, long clock) {
    if (day < FIRST_DAY || day >= END_OF_TIMESTAMPS) {
      throw new ArithmeticException("timestamp out of range");
    }
    return day * Interval.DAY + clock;
  }

  static Interval difference(long later, long earlier) {
    if (isInfinite(later) || isInfinite(earlier)) {
      if (later == earlier) {
        throw new ArithmeticException("interval out of range");
      }
      return later == INFINITY || earlier == NEGATIVE_INFINITY
          ? Interval.INFINITY
          : Interval.NEGATIVE_INFINITY;
    }
    long micros = Math.subtractExact(later, earlier);
    return new Interval(0, (int) (micros / Interval.DAY), micros % Interval.DAY);
  }

  static long timePlus(long time, Interval interval) {
    if (interval.isInfinite()) {
      throw new ArithmeticException("cannot add infinite interval to time");
    }
    return Math.floorMod(time + interval.micros() % Interval.DAY, Interval.DAY);
  }
}
