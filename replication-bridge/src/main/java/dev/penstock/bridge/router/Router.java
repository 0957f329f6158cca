package dev.penstock.bridge.router;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Derives the keyed topics from the log while its bridge leads. A failure is the router's own: it
/// starts again from its committed position, and the log goes on meanwhile.
public final class Router implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration CLOSING = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /// Until it looks again whether a person has mended it.
  private static final Duration REFUSED = Duration.ofMinutes(1);

  private final Routing routing;
  private final Map<String, Object> kafka;
  private final BridgeMetrics metrics;
  private final Envelope envelope;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().name("penstock-router").unstarted(this::run);

  public Router(Routing routing, Map<String, Object> kafka, BridgeMetrics metrics) {
    this.routing = routing;
    this.kafka = kafka;
    this.metrics = metrics;
    this.envelope = new Envelope(routing.topics().prefix(), routing.database());
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Duration pause = PAUSE;
    try {
      do {
        try {
          pause = PAUSE;
          route();
        } catch (RoutedBeforeException e) {
          pause = REFUSED;
          metrics.routerFailed();
          log.atError().log(e.getMessage());
        } catch (RuntimeException e) {
          if (stop.getCount() > 0) {
            metrics.routerFailed();
            log.atWarn().setCause(e).log("the router starts again");
          }
        }
      } while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      metrics.routerStopped();
    }
  }

  private void route() {
    Admin admin = Admin.create(kafka);
    try {
      KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(
              producerConfig(), new ByteArraySerializer(), new ByteArraySerializer());
      try {
        route(admin, producer);
      } finally {
        // Without a limit both would wait for Kafka to answer.
        producer.close(CLOSING);
      }
    } finally {
      admin.close(CLOSING);
    }
  }

  private void route(Admin admin, KafkaProducer<byte[], byte[]> producer) {
    TopicPartition source = new TopicPartition(routing.topics().log(), 0);
    // From here on an earlier router can commit nothing, so its position is final.
    producer.initTransactions();
    Optional<RouterPosition> position = RouterPosition.committed(admin, routing.id(), source);
    KeyedTopics topics = new KeyedTopics(admin, routing.replication());
    if (position.isEmpty()) {
      topics.requireEmpty(routing.topics());
    }
    routing.outbox().values().forEach(route -> topics.ensure(route.topic()));
    RouterBatch batch = new RouterBatch(producer, topics, source, routing.id(), metrics);
    try (LogReader reader =
        position
            .map(at -> LogReader.from(kafka, source.topic(), at.state()))
            .orElseGet(() -> LogReader.fromBeginning(kafka, source.topic()))) {
      follow(reader, batch, position);
    }
  }

  private void follow(LogReader reader, RouterBatch batch, Optional<RouterPosition> position) {
    @Nullable ReaderState reached = position.map(RouterPosition::state).orElse(null);
    long routed = position.map(RouterPosition::entries).orElse(0L);
    long ignored = 0;
    while (stop.getCount() > 0) {
      List<LogEvent> events = reader.poll(POLL);
      metrics.routerRead(reader.lag(), reader.ignored() - ignored);
      ignored = reader.ignored();
      for (LogEvent event : events) {
        switch (event) {
          case Transaction transaction -> {
            route(transaction, batch, reached, routed);
            reached = transaction.state();
            routed = 0;
            if (batch.full()) {
              batch.commit(new RouterPosition(reached, 0));
            }
          }
          case LogEvent.Opened opened -> {
            log.atInfo()
                .addKeyValue("generation", opened.generation())
                .log("a generation of the log: {}", opened.origin().reason());
            reached = opened.state();
            routed = 0;
            batch.renew(new RouterPosition(reached, routed));
          }
          case LogEvent.Progressed(ReaderState state) -> {
            // Before the rest of a half-routed transaction this only moves the position.
            reached = state;
            // Also before the first record ever: records without a position are refused.
            batch.renew(new RouterPosition(reached, routed));
          }
          case LogEvent.Gap(String reason) -> log.atWarn().log("the log has a gap: {}", reason);
          case LogEvent.Claimed _ -> {}
        }
      }
      if (reached != null) {
        batch.commit(new RouterPosition(reached, routed));
      }
    }
  }

  private void route(
      Transaction transaction, RouterBatch batch, @Nullable ReaderState before, long skip) {
    TransactionRecords records =
        new TransactionRecords(routing, envelope, metrics, transaction, batch::send);
    long[] count = new long[1];
    transaction.forEach(entry -> {
      records.add(entry, count[0] >= skip);
      count[0]++;
      if (before != null && batch.overfull() && count[0] < transaction.entries()) {
        batch.commit(new RouterPosition(before, count[0]));
      }
    });
  }

  private Map<String, Object> producerConfig() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, routing.id());
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 30_000);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LogTopic.MAX_RECORD_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * LogTopic.MAX_RECORD_BYTES);
    return config;
  }

  /// Stops within a second where Kafka answers; else the thread is interrupted, and ends by itself.
  @Override
  public void close() {
    stop.countDown();
    boolean interrupted = Thread.interrupted();
    try {
      if (!interrupted && thread.join(CLOSING)) {
        return;
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    thread.interrupt();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
