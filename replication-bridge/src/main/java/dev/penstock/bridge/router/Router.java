package dev.penstock.bridge.router;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogTruncatedException;
import dev.penstock.contracts.log.ReaderState;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Derives the keyed topics from the log while its bridge leads. A failure is the router's own: it
/// starts again from its committed position, and the log goes on meanwhile. Only where it cannot
/// start again, for an [Error], it ends the term: else the topics would stand still unseen.
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
  private final RouterStatus status;
  private final Consumer<Throwable> ended;
  private final Envelope envelope;

  /// Of the router's own thread: the position's offset is not where the log goes on.
  private boolean lost;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().name("penstock-router").unstarted(this::run);

  /// @param status is told how it fares
  /// @param ended told why, if it ends without being closed
  public Router(
      Routing routing,
      Map<String, Object> kafka,
      BridgeMetrics metrics,
      RouterStatus status,
      Consumer<Throwable> ended) {
    this.routing = routing;
    this.kafka = kafka;
    this.metrics = metrics;
    this.status = status;
    this.ended = ended;
    this.envelope = new Envelope(routing.topics().prefix(), routing.database());
  }

  /// The Kafka offset from which the router would go on; empty while it has none that counts: it is
  /// of the log's present generation.
  public static OptionalLong position(Routing routing, Map<String, Object> kafka) {
    String topic = routing.topics().log();
    Admin admin = Admin.create(kafka);
    try (LogReader reader = LogReader.fromLatestClaim(kafka, topic)) {
      Optional<RouterPosition> position =
          RouterPosition.committed(admin, routing.id(), new TopicPartition(topic, 0));
      while (reader.state().isEmpty() && reader.nextOffset() < reader.endOffset()) {
        var _ = reader.poll(POLL);
      }
      return reader.state().isPresent()
              && position.isPresent()
              && position.get().state().generation().equals(reader.state().get().generation())
          ? OptionalLong.of(position.get().state().nextOffset())
          : OptionalLong.empty();
    } finally {
      admin.close(CLOSING);
    }
  }

  /// Whether there are records that an earlier router has written.
  public static boolean hasRouted(Routing routing, Map<String, Object> kafka) {
    Admin admin = Admin.create(kafka);
    try {
      return new KeyedTopics(admin, routing.replication())
          .firstWithRecords(routing.topics())
          .isPresent();
    } finally {
      admin.close(CLOSING);
    }
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Duration pause = PAUSE;
    Throwable end = null;
    status.started();
    try {
      do {
        try {
          pause = PAUSE;
          route();
        } catch (RoutedBeforeException e) {
          pause = REFUSED;
          failed(e);
          log.atError().log(e.getMessage());
        } catch (LogTruncatedException e) {
          lost = true;
          failed(e);
          log.atWarn().setCause(e).log("the router looks for its place in the log");
        } catch (RuntimeException e) {
          if (stop.getCount() > 0) {
            failed(e);
            log.atWarn().setCause(e).log("the router starts again");
          }
        }
      } while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      end = e;
      Thread.currentThread().interrupt();
    } catch (Error e) {
      end = e;
      failed(e);
      throw e;
    } finally {
      metrics.routerStopped();
      status.stopped();
      if (stop.getCount() > 0) {
        ended.accept(new IllegalStateException("the router ended", end));
      }
    }
  }

  private void failed(Throwable failure) {
    metrics.routerFailed();
    status.failed(failure);
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
    routing.outbox().values().forEach(route -> topics.ensure(route.topic()));
    RouterBatch batch =
        new RouterBatch(producer, topics, source, routing.id(), metrics, System::nanoTime);
    BooleanSupplier stopped = () -> stop.getCount() == 0;
    RouterPass pass =
        new RouterPass(
            routing,
            envelope,
            metrics,
            status,
            batch,
            topics,
            new KeyedTopicsReader(kafka, stopped),
            position,
            stopped);
    boolean inPlace = position.isPresent() && !lost;
    lost = false;
    try (LogReader reader =
        inPlace
            ? LogReader.from(kafka, source.topic(), position.get().state())
            : LogReader.fromBeginning(kafka, source.topic())) {
      pass.follow(reader, inPlace ? Place.known() : place(position, topics));
    }
  }

  private Place place(Optional<RouterPosition> position, KeyedTopics topics) {
    if (position.isPresent()) {
      return Place.of(position.get(), latestGeneration());
    }
    return topics
        .firstWithRecords(routing.topics())
        .map(topic -> Place.unknown(topic, topics.lastWrittenMillis(routing.topics())))
        .orElseGet(Place::known);
  }

  private UUID latestGeneration() {
    try (LogReader reader = LogReader.fromLatestClaim(kafka, routing.topics().log())) {
      while (reader.state().isEmpty() && stop.getCount() > 0) {
        var _ = reader.poll(POLL);
      }
      return reader.state().map(ReaderState::generation).orElse(new UUID(0, 0));
    }
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
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
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
