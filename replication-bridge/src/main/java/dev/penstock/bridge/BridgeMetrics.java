package dev.penstock.bridge;

import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.contracts.trace.Spans;
import dev.penstock.management.CanaryLag;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The bridge's figures. Names begin with `penstock.bridge.`; sizes are in bytes.
///
/// | name | what it is |
/// |---|---|
/// | `transactions`, `rows`, `bytes` | counters: handed to the log; bytes of pgoutput |
/// | `lag` | timer: from the commit, by Postgres' clock, to its hand-over to the log's producer |
/// | `lag.bytes` | WAL that the log has not acknowledged yet, sampled; NaN where it does not lead |
/// | `leading` | 1 on the leader, else 0 |
/// | `epoch` | the latest term of this instance, -1 before the first |
/// | `terms.failed` | counter: attempts to stand by or lead that failed |
/// | `failing` | how many of them in a row; 0 while all is well |
/// | `wal.retained`, `wal.unconfirmed` | what the slot holds back in Postgres, sampled |
/// | `wal.transaction.age` | seconds that the cluster's oldest transaction is open, sampled |
/// | `wal.alarm` | 1 while one of the limits `wal-…-alarm` is passed |
/// | `stands.still` | seconds that the log has not moved although there was WAL for it, sampled |
/// | `ignored`, by `reason` | counter: messages and values left out of log or topics |
/// | `router.commits`, `router.records` | counters: Kafka transactions and records in them |
/// | `router.failed` | counter: the router started again |
/// | `router.lag` | the log's records that the router has not read yet; NaN where it does not lead |
/// | `router.suppressed` | counter: the log's records that do not count, of dead or revived leaders |
public final class BridgeMetrics {
  private final MeterRegistry registry;
  private final Counter transactions;
  private final Counter rows;
  private final Counter bytes;
  private final Timer lag;
  private final AtomicLong leading = new AtomicLong();
  private final AtomicLong epoch = new AtomicLong(-1);
  private final AtomicInteger failing = new AtomicInteger();
  private final AtomicInteger walAlarm = new AtomicInteger();
  private final Sampled lagBytes;
  private final Sampled retained;
  private final Sampled unconfirmed;
  private final Sampled transactionAge;
  private final Sampled routerLag;
  private final AtomicLong standsStill = new AtomicLong();
  private final Counter suppressed;
  private final CanaryLag canary = new CanaryLag();

  /// A gauge that has no value until it is sampled.
  private static final class Sampled {
    private volatile double value = Double.NaN;

    Sampled(MeterRegistry registry, String name) {
      registry.gauge("penstock.bridge." + name, this, sampled -> sampled.value);
    }
  }

  private final Spans spans;

  public BridgeMetrics(MeterRegistry registry) {
    this(registry, Spans.OFF);
  }

  /// @param spans where the steps of traced transactions are told
  public BridgeMetrics(MeterRegistry registry, Spans spans) {
    this.registry = registry;
    this.spans = spans;
    transactions = registry.counter("penstock.bridge.transactions");
    rows = registry.counter("penstock.bridge.rows");
    bytes = registry.counter("penstock.bridge.bytes");
    lag = registry.timer("penstock.bridge.lag");
    registry.gauge("penstock.bridge.leading", leading);
    registry.gauge("penstock.bridge.epoch", epoch);
    registry.gauge("penstock.bridge.failing", failing);
    registry.gauge("penstock.bridge.wal.alarm", walAlarm);
    registry.gauge("penstock.bridge.stands.still", standsStill);
    lagBytes = new Sampled(registry, "lag.bytes");
    retained = new Sampled(registry, "wal.retained");
    unconfirmed = new Sampled(registry, "wal.unconfirmed");
    transactionAge = new Sampled(registry, "wal.transaction.age");
    routerLag = new Sampled(registry, "router.lag");
    suppressed = registry.counter("penstock.bridge.router.suppressed");
    canary.export(registry, "replication-bridge");
  }

  /// Where the steps of traced transactions are told.
  public Spans spans() {
    return spans;
  }

  /// What the log has acknowledged, looked at as often as the WAL is; unknown where it does not
  /// lead.
  CanaryLag canary() {
    return canary;
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

  void failing(int attempts) {
    failing.set(attempts);
  }

  /// @param sample null where the slot is not there
  void wal(@Nullable WalSample sample, Optional<ResumePoint> acknowledged) {
    retained.value = sample == null ? Double.NaN : (double) sample.retainedBytes();
    unconfirmed.value = sample == null ? Double.NaN : (double) sample.unconfirmedBytes();
    transactionAge.value =
        sample == null ? Double.NaN : sample.oldestTransaction().toMillis() / 1e3;
    lagBytes.value =
        sample == null || acknowledged.isEmpty()
            ? Double.NaN
            : (double) Math.max(0, sample.writtenLsn() - acknowledged.get().commitLsn());
  }

  void standsStill(Duration duration) {
    standsStill.set(duration.toSeconds());
  }

  void walAlarm(boolean raised) {
    walAlarm.set(raised ? 1 : 0);
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

  /// How far the router is behind the log's end, and how many records did not count since the last
  /// call.
  public void routerRead(OptionalLong lag, long ignored) {
    lag.ifPresent(records -> routerLag.value = (double) records);
    suppressed.increment((double) ignored);
  }

  /// No router runs here.
  public void routerStopped() {
    routerLag.value = Double.NaN;
  }

  /// A Kafka transaction of the router.
  public void routed(int records) {
    registry.counter("penstock.bridge.router.commits").increment();
    registry.counter("penstock.bridge.router.records").increment(records);
  }
}
