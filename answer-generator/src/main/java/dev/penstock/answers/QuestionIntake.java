package dev.penstock.answers;

import dev.penstock.contracts.Headers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/// Takes questions from Kafka, as many as there are free slots, and acknowledges each when its
/// lease is in the database: a record's lock is held for milliseconds, however long an answer
/// takes.
final class QuestionIntake {
  private static final Logger log = LoggerFactory.getLogger(QuestionIntake.class);

  /// Short: in the exact mode a poll asks the broker once, and an answer that holds only the end of
  /// a Kafka transaction is an empty one.
  private static final Duration POLL = Duration.ofMillis(50);

  /// Twice the interval of the group's heartbeats, which go on where no slot is free.
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);

  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(2);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

  private final ShareGroup group;
  private final Map<String, Object> clientSettings;
  private final AnswerWorker worker;
  private final DeadLetters deadLetters;
  private final AnswerMetrics metrics;
  private final Backoff backoff = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable ShareConsumer<byte[], byte[]> current;

  /// Of the intake's thread: what Kafka has sent, and when it last did.
  private double heardBytes;

  private long heardNanos;

  QuestionIntake(
      ShareGroup group,
      Map<String, Object> kafka,
      AnswerWorker worker,
      DeadLetters deadLetters,
      AnswerMetrics metrics) {
    this.group = group;
    this.clientSettings = new HashMap<>(kafka);
    clientSettings.putAll(
        Map.of(
            "client.id", worker.name(),
            "default.api.timeout.ms", 10_000,
            "request.timeout.ms", 5_000,
            "reconnect.backoff.max.ms", 1_000));
    this.worker = worker;
    this.deadLetters = deadLetters;
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().name("answers-intake").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Whatever ends a consumer, another follows: meanwhile the sweep works on.
  private void run() {
    try {
      while (!isClosing()) {
        try {
          group.prepare(clientSettings);
          consume();
        } catch (WakeupException e) {
          // Closing.
        } catch (RuntimeException e) {
          metrics.intakeUp(false);
          log.atWarn()
              .addKeyValue("topic", group.topic())
              .setCause(e)
              .log("Questions are not taken from Kafka; trying again");
          pause();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      metrics.intakeUp(false);
    }
  }

  private void consume() throws InterruptedException {
    ShareConsumer<byte[], byte[]> consumer = consumer();
    try {
      current = consumer;
      consumer.subscribe(List.of(group.topic()));
      Metric connections = metric(consumer, "connection-count");
      Metric incoming = metric(consumer, "incoming-byte-total");
      heardNanos = System.nanoTime();
      while (!isClosing()) {
        // A poll does not throw where the brokers are gone, and what hangs keeps its connections.
        metrics.intakeUp(value(connections) > 0 && hears(value(incoming)));
        if (worker.awaitFreeSlot(POLL)) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            consumer.acknowledge(record, take(record));
          }
          // At once: the next poll may have to wait for a free slot.
          consumer.commitAsync();
        }
      }
    } finally {
      current = null;
      consumer.close(CLOSE_PATIENCE);
    }
  }

  private boolean hears(double bytes) {
    if (bytes != heardBytes) {
      heardBytes = bytes;
      heardNanos = System.nanoTime();
    }
    return System.nanoTime() - heardNanos < LONGEST_SILENCE.toNanos();
  }

  private static double value(Metric metric) {
    return metric.metricValue() instanceof Double value ? value : 0;
  }

  private static Metric metric(ShareConsumer<byte[], byte[]> consumer, String name) {
    return consumer.metrics().values().stream()
        // Of all connections: a single broker's, such as the first one asked, may rest.
        .filter(metric ->
            metric.metricName().name().equals(name)
                && !metric.metricName().tags().containsKey("node-id"))
        .findFirst()
        .orElseThrow();
  }

  private ShareConsumer<byte[], byte[]> consumer() {
    Map<String, Object> settings = new HashMap<>(clientSettings);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group.name());
    settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    // One at a time, exactly: a record that waits here would let its lock run out.
    settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    // In that mode one broker is asked at a time: a record at another waits so long.
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 200);
    return new KafkaShareConsumer<>(
        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private AcknowledgeType take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    if (record.deliveryCount().orElse((short) 1) > 1) {
      metrics.redelivered();
    }
    if (QuestionRecords.isReplayed(record.headers())) {
      return AcknowledgeType.ACCEPT;
    }
    Optional<UUID> answerId = QuestionRecords.answerId(record.value());
    try {
      AcknowledgeType acknowledgement =
          answerId.isPresent() ? take(answerId.get(), record) : reject(record);
      backoff.reset();
      return acknowledgement;
    } catch (DataAccessException e) {
      log.atWarn()
          .addKeyValue("topic", record.topic())
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("A question was given back to Kafka: the database is out of reach");
      pause();
      return AcknowledgeType.RELEASE;
    }
  }

  private AcknowledgeType reject(ConsumerRecord<byte[], byte[]> record) {
    byte @Nullable [] value = record.value();
    deadLetters.reject(
        record.topic(), record.partition(), record.offset(), value == null ? new byte[0] : value);
    metrics.malformed();
    log.atWarn()
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .log("A record that is no QuestionAsked was rejected");
    return AcknowledgeType.REJECT;
  }

  private AcknowledgeType take(UUID answerId, ConsumerRecord<byte[], byte[]> record)
      throws InterruptedException {
    String trace = Headers.text(record.headers(), Headers.TRACEPARENT);
    return switch (worker.take(answerId, trace, SLOT_PATIENCE)) {
      case STARTED -> AcknowledgeType.ACCEPT;
      case REPEATED -> {
        metrics.repeated();
        yield AcknowledgeType.ACCEPT;
      }
      case BUSY -> AcknowledgeType.RELEASE;
    };
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause() throws InterruptedException {
    var _ = closing.await(backoff.next().toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Takes nothing more; returns within two seconds.
  void close() throws InterruptedException {
    closing.countDown();
    ShareConsumer<byte[], byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    thread.join(Duration.ofMillis(1_500));
  }
}
