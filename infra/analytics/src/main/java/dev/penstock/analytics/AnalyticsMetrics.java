package dev.penstock.analytics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// What is counted of the consumer's work, since its start.
final class AnalyticsMetrics {
  private final Counter records;
  private final Counter quarantined;
  private final Timer batches;
  private final AtomicLong lag = new AtomicLong();

  AnalyticsMetrics(MeterRegistry meters) {
    records = Counter.builder("penstock.analytics.records").register(meters);
    quarantined = Counter.builder("penstock.analytics.quarantined").register(meters);
    batches = Timer.builder("penstock.analytics.batches").register(meters);
    Gauge.builder("penstock.analytics.lag", lag, AtomicLong::get)
        .description("records of the topic that are not stored yet")
        .register(meters);
  }

  void stored(Batch batch, Duration took) {
    records.increment(batch.records());
    quarantined.increment(batch.unreadable().size());
    batches.record(took);
  }

  void lag(long records) {
    lag.set(records);
  }
}
