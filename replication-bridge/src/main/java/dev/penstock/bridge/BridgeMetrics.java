package dev.penstock.bridge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// The bridge's figures. Names begin with `penstock.bridge.`.
public final class BridgeMetrics {
  private final MeterRegistry registry;
  private final Counter transactions;
  private final Counter rows;
  private final Counter bytes;
  private final Timer lag;
  private final AtomicLong leading = new AtomicLong();
  private final AtomicLong epoch = new AtomicLong(-1);

  public BridgeMetrics(MeterRegistry registry) {
    this.registry = registry;
    transactions = registry.counter("penstock.bridge.transactions");
    rows = registry.counter("penstock.bridge.rows");
    bytes = registry.counter("penstock.bridge.bytes");
    // From the commit's time by Postgres' clock to its hand-over to the producer.
    lag = registry.timer("penstock.bridge.lag");
    registry.gauge("penstock.bridge.leading", leading);
    registry.gauge("penstock.bridge.epoch", epoch);
  }

  void transaction(long commitMicros) {
    transactions.increment();
    long millis = System.currentTimeMillis() - commitMicros / 1_000;
    lag.record(Duration.ofMillis(Math.max(0, millis)));
  }

  void row() {
    rows.increment();
  }

  void bytes(int count) {
    bytes.increment(count);
  }

  void leading(boolean leads) {
    leading.set(leads ? 1 : 0);
  }

  void epoch(long claim) {
    epoch.set(claim);
  }

  /// A generation was opened with a snapshot.
  void generation() {
    registry.counter("penstock.bridge.generations").increment();
  }

  /// A snapshot has waited about another second for a transaction to end.
  void snapshotWaits() {
    registry.counter("penstock.bridge.snapshot.waits").increment();
  }

  void termFailed() {
    registry.counter("penstock.bridge.terms.failed").increment();
  }

  /// A message that no one declared, or that is not what was declared.
  ///
  /// @param reason one of a few words
  public void ignored(String reason) {
    registry.counter("penstock.bridge.ignored", "reason", reason).increment();
  }

  public void routerFailed() {
    registry.counter("penstock.bridge.router.failed").increment();
  }

  /// A Kafka transaction of the router.
  public void routed(int records) {
    registry.counter("penstock.bridge.router.commits").increment();
    registry.counter("penstock.bridge.router.records").increment(records);
  }
}
