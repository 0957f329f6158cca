package dev.penstock.bridge.router;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of the router over the log, from a position until it is stopped or fails.
final class RouterPass {
  private static final Logger log = LoggerFactory.getLogger(RouterPass.class);
  private static final Duration POLL = Duration.ofMillis(250);

  private final Routing routing;
  private final Envelope envelope;
  private final BridgeMetrics metrics;
  private final RouterStatus status;
  private final RouterBatch batch;
  private final KeyedTopics topics;
  private final KeyedTopicsReader back;
  private final BooleanSupplier stopped;
  private final Set<String> messageTopics;
  private @Nullable ReaderState reached;
  private long routed;
  private long snapshotLsn;
  private @Nullable EmittedMessages emitted;

  RouterPass(
      Routing routing,
      Envelope envelope,
      BridgeMetrics metrics,
      RouterStatus status,
      RouterBatch batch,
      KeyedTopics topics,
      KeyedTopicsReader back,
      Optional<RouterPosition> position,
      BooleanSupplier stopped) {
    this.routing = routing;
    this.envelope = envelope;
    this.metrics = metrics;
    this.status = status;
    this.batch = batch;
    this.topics = topics;
    this.back = back;
    this.stopped = stopped;
    messageTopics =
        routing.outbox().values().stream().map(OutboxRoute::topic).collect(Collectors.toSet());
    reached = position.map(RouterPosition::state).orElse(null);
    routed = position.map(RouterPosition::entries).orElse(0L);
    snapshotLsn = position.map(RouterPosition::snapshotLsn).orElse(0L);
  }

  /// @param place says which events were routed before
  void follow(LogReader reader, Place place) {
    long ignored = 0;
    while (!stopped.getAsBoolean()) {
      long before = batch.routed();
      List<LogEvent> events = reader.poll(POLL);
      OptionalLong lag = reader.lag();
      metrics.routerRead(lag, reader.ignored() - ignored);
      ignored = reader.ignored();
      for (LogEvent event : events) {
        if (!place.passed(event)) {
          accept(event);
        }
      }
      if (reached != null && !place.isSought()) {
        batch.commit(position(reached, routed));
      }
      status.read(lag, batch.routed() > before);
    }
  }

  private void accept(LogEvent event) {
    switch (event) {
      case Transaction transaction -> {
        if (transaction.snapshot()) {
          reconcile(transaction);
        } else {
          route(transaction);
        }
        reached = transaction.state();
        routed = 0;
        if (batch.full()) {
          batch.commit(position(reached, 0));
        }
      }
      case LogEvent.Opened opened -> opened(opened.origin(), opened.state());
      case LogEvent.Progressed(ReaderState state) -> {
        // Before the rest of a half-routed transaction this only moves the position.
        reached = state;
        // Also before the first record ever: records without a position are refused.
        batch.renew(position(state, routed));
      }
      case LogEvent.Gap(String reason) -> log.atWarn().log("the log has a gap: {}", reason);
      case LogEvent.Claimed _ -> {}
    }
  }

  private void opened(LogOrigin origin, ReaderState state) {
    log.atInfo()
        .addKeyValue("generation", state.generation())
        .log("a generation of the log: {}", origin.reason());
    if (reached != null) {
      batch.commit(position(reached, routed));
    }
    reached = state;
    routed = 0;
    snapshotLsn = origin.snapshotLsn();
    emitted = null;
    batch.commitPosition(position(state, 0));
  }

  private void reconcile(Transaction snapshot) {
    ReaderState before = java.util.Objects.requireNonNull(reached, "a snapshot follows an opening");
    batch.commit(position(before, 0));
    new Reconciliation(routing, envelope, metrics, snapshot, stopped)
        .run(
            back,
            topics.tables(routing),
            new Reconciliation.Output() {
              @Override
              public void send(ProducerRecord<byte[], byte[]> record) {
                batch.send(record);
              }

              @Override
              public void between() {
                if (batch.full()) {
                  commit();
                }
              }

              @Override
              public void commit() {
                batch.commit(position(before, 0));
              }
            });
  }

  private void route(Transaction transaction) {
    EmittedMessages before = emittedBefore(transaction);
    TransactionRecords records =
        new TransactionRecords(
            routing,
            envelope,
            metrics,
            transaction,
            record -> {
              if (!wasEmitted(before, record)) {
                batch.send(record);
              }
            });
    @Nullable ReaderState from = reached;
    long skip = routed;
    long[] count = new long[1];
    transaction.forEach(entry -> {
      records.add(entry, count[0] >= skip);
      count[0]++;
      if (from != null && batch.overfull() && count[0] < transaction.entries()) {
        batch.commit(position(from, count[0]));
      }
    });
    batch.traced(records.traceparent(), transaction);
  }

  private boolean wasEmitted(EmittedMessages before, ProducerRecord<byte[], byte[]> record) {
    return !before.isEmpty()
        && messageTopics.contains(record.topic())
        && before.has(record.topic(), record.headers(), record.key(), record.value());
  }

  /// Up to the snapshot's LSN the slot may send messages that were routed in the generation before.
  private EmittedMessages emittedBefore(Transaction transaction) {
    ReaderState from = reached;
    if (from == null || Long.compareUnsigned(transaction.commitLsn(), snapshotLsn) > 0) {
      emitted = null;
      return EmittedMessages.none();
    }
    EmittedMessages known = emitted;
    if (known == null) {
      // It can take longer than Kafka leaves a transaction open.
      batch.commit(position(from, routed));
      known = EmittedMessages.read(back, messageTopics, from.point().commitLsn(), snapshotLsn);
      emitted = known;
    }
    return known;
  }

  private RouterPosition position(ReaderState state, long entries) {
    return new RouterPosition(state, entries, snapshotLsn);
  }
}
