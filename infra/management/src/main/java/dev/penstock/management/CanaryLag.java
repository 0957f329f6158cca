package dev.penstock.management;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalLong;

/// The last canary that came through to a stage of the way: a transaction that the bridge's leader
/// commits every few seconds, only to be seen. Thread-safe.
///
/// | name, by `stage` | what it is |
/// |---|---|
/// | `penstock.canary.lag.seconds` | how long it took from its commit to here |
/// | `penstock.canary.age.seconds` | how long ago its commit is: it rises where none comes through |
///
/// Both are NaN before the first, and are wrong by as much as Postgres' clock and this machine's
/// differ.
public final class CanaryLag {
  private static final long NONE = -1;

  private volatile long commitMicros = NONE;
  private volatile double lag = Double.NaN;

  /// Shows it in the metrics.
  public void export(MeterRegistry meters, String stage) {
    List<Tag> tags = List.of(Tag.of("stage", stage));
    meters.gauge("penstock.canary.lag.seconds", tags, this, canary -> canary.lag);
    meters.gauge("penstock.canary.age.seconds", tags, this, CanaryLag::age);
  }

  /// A canary is here; one that is not newer than the last changes nothing.
  ///
  /// @param micros its commit, microseconds since 1970-01-01 UTC
  public synchronized void arrived(long micros) {
    if (micros > commitMicros) {
      commitMicros = micros;
      lag = secondsSince(micros);
    }
  }

  /// None is to be expected here any more.
  public synchronized void forget() {
    commitMicros = NONE;
    lag = Double.NaN;
  }

  /// The commit of the last one, microseconds since 1970-01-01 UTC.
  public OptionalLong last() {
    long micros = commitMicros;
    return micros == NONE ? OptionalLong.empty() : OptionalLong.of(micros);
  }

  private double age() {
    long micros = commitMicros;
    return micros == NONE ? Double.NaN : secondsSince(micros);
  }

  private static double secondsSince(long micros) {
    return Math.max(0, ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - micros) / 1e6;
  }
}
