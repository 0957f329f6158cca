package dev.penstock.gateway.revocation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// The compacted topic that all gateways share. One thread reads it, from its beginning, for as
/// long as the gateway lives.
public final class RevocationTopic implements RevocationLog {
  private static final Logger LOG = LoggerFactory.getLogger(RevocationTopic.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final String topic;
  private final TopicPartition partition;
  private final Map<String, Object> client;
  private final Duration retention;
  private final Duration staleAfter;
  private final Revocations revocations;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread reader;

  private volatile boolean closed;
  private final CountDownLatch known = new CountDownLatch(1);
  private volatile long freshAt;

  /// Begins to read at once, and goes on trying where Kafka is not there.
  ///
  /// @param kafka the clients' configuration, `bootstrap.servers` at least
  /// @param retention of the topic's records, as [Revocations] has it
  /// @param staleAfter so long without an answer of Kafka's, what is known is [Knowledge#OLD]
  public RevocationTopic(
      Map<String, Object> kafka,
      String topic,
      Duration retention,
      Duration staleAfter,
      Revocations revocations,
      MeterRegistry meters) {
    this.topic = topic;
    this.partition = new TopicPartition(topic, 0);
    this.retention = retention;
    this.staleAfter = staleAfter;
    this.revocations = revocations;
    this.client = new HashMap<>(kafka);
    client.putAll(
        Map.of(
            "request.timeout.ms", 2_000,
            "default.api.timeout.ms", 3_000,
            "reconnect.backoff.max.ms", 1_000));
    this.producer =
        new KafkaProducer<>(
            with(
                Map.of(
                    "linger.ms", 0,
                    "delivery.timeout.ms", 4_000,
                    "max.block.ms", 3_000)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.consumer =
        new KafkaConsumer<>(
            with(
                Map.of(
                    "enable.auto.commit", false,
                    "auto.offset.reset", "earliest",
                    "allow.auto.create.topics", false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    meters.gauge("penstock.gateway.revocations.fresh", this, RevocationTopic::isFresh);
    this.reader = Thread.ofPlatform().daemon().name("gateway-revocations").start(this::read);
  }

  @Override
  public Knowledge knowledge() {
    if (known.getCount() > 0) {
      return Knowledge.NONE;
    }
    if (revocations.isFull()) {
      return Knowledge.FULL;
    }
    return isFresh() == 1 ? Knowledge.ALL : Knowledge.OLD;
  }

  /// Waits until all that was there at the start has been read, or the time is over.
  public void awaitKnown(Duration patience) {
    try {
      if (!known.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atWarn().addKeyValue("topic", topic).log("started without revocations: not ready");
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private double isFresh() {
    return known.getCount() == 0 && System.nanoTime() - freshAt < staleAfter.toNanos() ? 1 : 0;
  }

  @Override
  public Mono<Void> publish(String key, Instant at) {
    return Mono.<Void>create(
            sink -> {
              var _ =
                  producer.send(
                      new ProducerRecord<>(
                          topic, 0, key.getBytes(UTF_8), RevocationRecord.write(at)),
                      (_, failure) -> {
                        if (failure == null) {
                          revocations.revoke(key, at);
                          sink.success();
                        } else {
                          sink.error(failure);
                        }
                      });
            })
        // A send waits for the topic's metadata in the caller's thread.
        .subscribeOn(Schedulers.boundedElastic());
  }

  private void read() {
    while (!closed) {
      try {
        createTopic();
        follow();
      } catch (WakeupException | InterruptException stopped) {
        break;
      } catch (ExecutionException | TimeoutException | RuntimeException failed) {
        LOG.atWarn()
            .addKeyValue("topic", topic)
            .setCause(failed)
            .log("revocations cannot be read at present");
      } catch (InterruptedException stopped) {
        break;
      }
      pause();
    }
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }

  private void createTopic() throws ExecutionException, TimeoutException, InterruptedException {
    try (Admin admin = Admin.create(client)) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(topic, Optional.of(1), Optional.empty())
                      .configs(
                          Map.of(
                              "cleanup.policy",
                              "compact,delete",
                              "retention.ms",
                              Long.toString(retention.toMillis())))))
          .all()
          .get(3, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (!(failed.getCause() instanceof TopicExistsException)) {
        throw failed;
      }
    }
  }

  private void follow() {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long end = end();
    long checkedAt = System.nanoTime();
    long forgottenAt = checkedAt;
    while (!closed) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
        take(record);
      }
      long now = System.nanoTime();
      if (consumer.position(partition, PATIENCE) >= end) {
        // As of when the end was asked, not of now.
        freshAt = checkedAt;
        known.countDown();
      }
      if (now - checkedAt > PAUSE.toNanos()) {
        end = end();
        checkedAt = now;
      }
      if (now - forgottenAt > Duration.ofMinutes(1).toNanos()) {
        revocations.forgetOld();
        forgottenAt = now;
      }
    }
  }

  /// Fails where Kafka does not answer.
  private long end() {
    Long end = consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
    if (end == null) {
      throw new KafkaException("no end offset");
    }
    return end;
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null || record.value() == null) {
      return;
    }
    String key = new String(record.key(), UTF_8);
    Instant at;
    try {
      at = RevocationRecord.read(record.value());
    } catch (IllegalArgumentException unreadable) {
      // Rather too much is revoked than too little.
      at = Instant.ofEpochMilli(record.timestamp());
      LOG.atWarn()
          .addKeyValue("offset", record.offset())
          .log("a revocation has no time: it counts as of its record's");
    }
    revocations.revoke(key, at);
  }

  private Map<String, Object> with(Map<String, Object> more) {
    Map<String, Object> all = new HashMap<>(client);
    all.putAll(more);
    return all;
  }

  private void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    } catch (InterruptedException stopped) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    reader.interrupt();
    producer.close(Duration.ZERO);
    try {
      reader.join(Duration.ofSeconds(2));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
