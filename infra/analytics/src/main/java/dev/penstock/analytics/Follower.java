package dev.penstock.analytics;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the topic into the store for as long as it runs; what fails begins again at the stored
/// offsets.
final class Follower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final long CLOSE_SECONDS = 4;

  private final Map<String, Object> config;
  private final String topic;
  private final Store store;
  private final AnalyticsMetrics metrics;
  private final Thread thread = Thread.ofPlatform().name("penstock-analytics").unstarted(this::run);
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile FollowerState state = new FollowerState.Starting();
  private long pause = FIRST_PAUSE_MILLIS;

  Follower(Map<String, Object> config, String topic, Store store, AnalyticsMetrics metrics) {
    this.config = config;
    this.topic = topic;
    this.store = store;
    this.metrics = metrics;
  }

  void start() {
    thread.start();
  }

  FollowerState state() {
    return state;
  }

  private void run() {
    while (stop.getCount() > 0) {
      try {
        follow();
      } catch (QuarantineFullException e) {
        LOG.atError().addKeyValue("topic", topic).log("stopped: {}", e.getMessage());
        state = new FollowerState.Stopped(Objects.requireNonNull(e.getMessage()));
        return;
      } catch (WakeupException | InterruptedException e) {
        return;
      } catch (SQLException | RuntimeException e) {
        LOG.atWarn().addKeyValue("topic", topic).setCause(e).log("begins again");
        state = new FollowerState.Failing(String.valueOf(e.getMessage()));
        rest();
      }
    }
  }

  private void follow() throws SQLException, QuarantineFullException, InterruptedException {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic), new FromTheStore(consumer));
      while (stop.getCount() > 0) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          store(Batch.of(records));
        }
        long lag = lag(consumer);
        metrics.lag(lag);
        if (!consumer.assignment().isEmpty()) {
          state = new FollowerState.Following(consumer.assignment().size(), lag);
        }
      }
    }
  }

  private void store(Batch batch) throws SQLException, QuarantineFullException {
    long start = System.nanoTime();
    store.apply(topic, batch);
    metrics.stored(batch, Duration.ofNanos(System.nanoTime() - start));
    pause = FIRST_PAUSE_MILLIS;
    for (Batch.Unread unread : batch.unreadable()) {
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("partition", unread.partition())
          .addKeyValue("offset", unread.offset())
          .log("kept aside, since it cannot be read: {}", unread.reason());
    }
  }

  private static long lag(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.assignment().stream()
        .map(consumer::currentLag)
        .mapToLong((OptionalLong lag) -> lag.orElse(0))
        .sum();
  }

  private void rest() {
    try {
      var _ = stop.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
  }

  /// Where a partition goes on, is the store's to say. Nothing needs to be done when one is taken
  /// away: what was polled is stored before the next poll, and only a poll takes one away.
  private final class FromTheStore implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    FromTheStore(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      try {
        Map<Integer, Long> positions = store.positions(topic);
        for (TopicPartition partition : partitions) {
          Long next = positions.get(partition.partition());
          if (next == null) {
            consumer.seekToBeginning(List.of(partition));
          } else {
            consumer.seek(partition, next);
          }
        }
      } catch (SQLException e) {
        throw new IllegalStateException("the stored offsets cannot be read", e);
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
