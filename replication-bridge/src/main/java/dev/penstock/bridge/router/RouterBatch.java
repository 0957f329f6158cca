package dev.penstock.bridge.router;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.trace.Spans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The Kafka transaction that is open: records, and with its commit the position behind them.
final class RouterBatch {
  private static final int MANY_RECORDS = 10_000;
  private static final long MANY_BYTES = 16L << 20;
  private static final long LONG_NANOS = 100_000_000;

  /// Well within the `transaction.timeout.ms` of [Router].
  private static final long TOO_LONG_NANOS = Duration.ofSeconds(5).toNanos();

  /// Kafka forgets the position of a group without members some time after its last commit, 7 days
  /// unless configured.
  private static final long RENEW_NANOS = Duration.ofHours(1).toNanos();

  private final Producer<byte[], byte[]> producer;
  private final KeyedTopics topics;
  private final TopicPartition log;
  private final ConsumerGroupMetadata group;
  private final BridgeMetrics metrics;
  private final LongSupplier clock;
  private int records;
  private long bytes;
  private long began;
  private long committed;
  private long routed;
  private boolean open;

  /// Told where they are when the batch is committed.
  private record Traced(String traceparent, long writtenMicros) {}

  private final List<Traced> traced = new ArrayList<>();

  /// The group has no members: the constructor is the only way to name it, until Kafka offers
  /// another.
  ///
  /// @param clock as [System#nanoTime]
  @SuppressWarnings("removal")
  RouterBatch(
      Producer<byte[], byte[]> producer,
      KeyedTopics topics,
      TopicPartition log,
      String group,
      BridgeMetrics metrics,
      LongSupplier clock) {
    this.producer = producer;
    this.topics = topics;
    this.log = log;
    this.group = new ConsumerGroupMetadata(group);
    this.metrics = metrics;
    this.clock = clock;
    committed = clock.getAsLong() - RENEW_NANOS;
  }

  void send(ProducerRecord<byte[], byte[]> record) {
    topics.ensure(record.topic());
    if (!open) {
      producer.beginTransaction();
      open = true;
      began = clock.getAsLong();
    }
    // A failed send fails the commit.
    var _ = producer.send(record);
    records++;
    bytes += record.value() == null ? 0 : record.value().length;
  }

  /// Says that a transaction was read from the log, and what was sent last is its: its steps are
  /// spans of its trace.
  void traced(@Nullable String traceparent, Transaction transaction) {
    if (traceparent == null || !metrics.spans().isOn()) {
      return;
    }
    long written = 1_000 * transaction.writtenMillis();
    metrics.spans().record("in-log", traceparent, transaction.commitMicros(), written);
    if (open && traced.size() < MANY_RECORDS) {
      traced.add(new Traced(traceparent, written));
    }
  }

  /// Whether the next end of a Postgres transaction is the place to commit.
  boolean full() {
    return overfull() || openFor(LONG_NANOS);
  }

  private boolean openFor(long nanos) {
    return open && clock.getAsLong() - began >= nanos;
  }

  /// Whether to commit even within a Postgres transaction.
  boolean overfull() {
    return records >= MANY_RECORDS || bytes >= MANY_BYTES || openFor(TOO_LONG_NANOS);
  }

  /// How many records were committed.
  long routed() {
    return routed;
  }

  /// Does nothing where nothing was sent, but at the start and once an hour.
  void commit(RouterPosition position) {
    if (!open) {
      renew(position);
      return;
    }
    producer.sendOffsetsToTransaction(Map.of(log, position.toOffset()), group);
    producer.commitTransaction();
    if (!traced.isEmpty()) {
      long now = Spans.micros();
      traced.forEach(
          one -> metrics.spans().record("in-topics", one.traceparent(), one.writtenMicros(), now));
      traced.clear();
    }
    metrics.routed(records);
    routed += records;
    committed = clock.getAsLong();
    open = false;
    records = 0;
    bytes = 0;
  }

  /// Commits the position where nothing is open and the last commit is long ago.
  void renew(RouterPosition position) {
    if (open || clock.getAsLong() - committed < RENEW_NANOS) {
      return;
    }
    commitPosition(position);
  }

  /// Commits the position where nothing is open.
  void commitPosition(RouterPosition position) {
    if (!open) {
      producer.beginTransaction();
      open = true;
    }
    commit(position);
  }
}
