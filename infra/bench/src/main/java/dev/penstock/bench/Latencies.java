package dev.penstock.bench;

import org.HdrHistogram.Histogram;

/// Latencies of one round: from the event itself, and from when the load's schedule wanted it, so
/// that a stall which also delays the load is not left out. In steps of a microsecond.
final class Latencies {
  private static final long MOST_MICROS = 600_000_000;

  private final Histogram observed = empty();
  private final Histogram scheduled = empty();

  static Histogram empty() {
    return new Histogram(1, MOST_MICROS, 3);
  }

  /// All by [System#nanoTime].
  ///
  /// @param intended when the schedule wanted it
  /// @param happened the event whose consequence is awaited
  /// @param seen the consequence, perhaps a little before `happened` was noticed
  void record(long intended, long happened, long seen) {
    observed.recordValue(micros(seen - happened));
    scheduled.recordValue(micros(seen - intended));
  }

  private static long micros(long nanos) {
    return Math.clamp(nanos / 1_000, 1, MOST_MICROS);
  }

  long count() {
    return observed.getTotalCount();
  }

  Histogram histogram() {
    return observed;
  }

  /// In milliseconds.
  double percentile(double percent) {
    return observed.getValueAtPercentile(percent) / 1e3;
  }

  double scheduledPercentile(double percent) {
    return scheduled.getValueAtPercentile(percent) / 1e3;
  }
}
