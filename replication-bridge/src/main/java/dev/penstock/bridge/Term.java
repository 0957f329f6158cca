package dev.penstock.bridge;

import dev.penstock.bridge.router.Router;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.ResumePoint;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One leader's term, from the lead to its loss. Any failure ends it; nothing of it goes on.
final class Term implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Term.class);
  private static final int STARTING = 30;
  private static final String FIRST = "the log is new";

  private final BridgeSettings settings;
  private final BridgeMetrics metrics;
  private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
  private final AtomicReference<@Nullable LogFeed> fed = new AtomicReference<>();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  Term(BridgeSettings settings, BridgeMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
  }

  /// Takes over: ends the slot's old walsender, claims the log, finds its tail and goes on behind
  /// it.
  ///
  /// @return the epoch
  /// @throws BridgeException if slot and log do not fit together
  long begin(Lead lead) throws SQLException, InterruptedException {
    lead.watch(this::acknowledged, this::held, ended::complete);
    Map<String, Object> kafka = settings.kafka();
    String topic = settings.topics().log();
    String topicId = topicId(kafka, topic);
    Connection catalog = opened(settings.database().connect("penstock-bridge-catalog"));
    requireLead();
    Slot.endWalsender(catalog, settings.slot(), settings.publication());
    LogWriter writer = opened(new LogWriter(kafka, topic));
    requireLead();
    long epoch = writer.claim(settings.instance());
    LogTail tail = LogTail.read(kafka, topic, epoch);

    Slot slot = Slot.read(catalog, settings.slot(), settings.publication());
    Cluster cluster = Cluster.read(catalog);
    UUID generation;
    ResumePoint start;
    LogOrigin origin;
    if (tail.state().isPresent()) {
      ReaderState state = tail.state().get();
      origin = tail.origin().orElseGet(() -> cluster.origin(FIRST, slot, topicId));
      requireSameHistory(origin, cluster, slot, topicId, state);
      writer.resume(state, origin);
      generation = state.generation();
      start = state.point();
    } else {
      if (OldRows.exist(catalog, settings.slot(), settings.publication())) {
        throw new BridgeException(
            "the published tables have rows that are older than the replication slot, and the log"
                + " is new: a snapshot of them is not implemented yet");
      }
      origin = cluster.origin(FIRST, slot, topicId);
      generation = writer.open(origin);
      start = new ResumePoint(slot.confirmedLsn(), 0, 0);
    }

    Relations relations = new Relations(writer, new Catalog(catalog));
    LogFeed feed =
        new LogFeed(
            writer,
            relations,
            settings.instance(),
            origin,
            generation,
            start,
            settings.progressEvery(),
            metrics);
    fed.set(feed);
    String term = UUID.randomUUID().toString();
    Seams.Seam seam =
        new Seams.Seam(
            feed,
            settings.database(),
            settings.slot(),
            settings.publication(),
            new CompletableFuture<>());
    Seams.put(term, seam);
    opened(() -> Seams.remove(term));
    opened(new Engine(term, seam, ended::complete)).start();
    opened(new Router(settings.routing(), kafka, metrics)).start();
    awaitStreaming(seam);
    metrics.epoch(epoch);
    log.atInfo()
        .addKeyValue("topic", topic)
        .addKeyValue("epoch", epoch)
        .addKeyValue("lsn", Lsn.format(start.commitLsn()))
        .log("leading");
    return epoch;
  }

  /// What the log has acknowledged in this term; by any thread.
  Optional<ResumePoint> acknowledged() {
    return Optional.ofNullable(fed.get()).flatMap(LogFeed::acknowledged);
  }

  private void held(Optional<ResumePoint> acknowledged) {
    LogFeed feed = fed.get();
    if (feed != null) {
      acknowledged.ifPresent(feed::held);
    }
  }

  /// A claim deposes whoever leads, so only who still has the lead, as far as it knows, makes one.
  private void requireLead() {
    if (ended.isDone()) {
      throw new IllegalStateException("the lead was lost before the log was claimed", ended.join());
    }
  }

  private void awaitStreaming(Seams.Seam seam) throws InterruptedException {
    try {
      var _ = CompletableFuture.anyOf(seam.streaming(), ended).get(STARTING, TimeUnit.SECONDS);
      if (ended.isDone()) {
        throw new IllegalStateException("the slot could not be streamed from", ended.join());
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the slot could not be streamed from", e);
    }
  }

  /// Waits until the term is over.
  ///
  /// @return why
  Throwable await() throws InterruptedException {
    try {
      return ended.get();
    } catch (ExecutionException e) {
      return Objects.requireNonNullElse(e.getCause(), e);
    }
  }

  void end(Throwable reason) {
    ended.complete(reason);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.push(resource);
    return resource;
  }

  private String topicId(Map<String, Object> kafka, String topic) throws InterruptedException {
    Admin admin = Admin.create(kafka);
    try {
      LogTopic.create(admin, topic, settings.replication());
      var description = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      return Objects.requireNonNull(description).topicId().toString();
    } catch (ExecutionException e) {
      throw new org.apache.kafka.common.KafkaException(
          "the topic " + topic + " could not be described", e.getCause());
    } finally {
      // Without a limit it would wait for Kafka to answer.
      admin.close(Duration.ofSeconds(1));
    }
  }

  private static void requireSameHistory(
      LogOrigin origin, Cluster cluster, Slot slot, String topicId, ReaderState state) {
    String difference = null;
    if (!origin.systemIdentifier().equals(cluster.systemIdentifier())) {
      difference = "the log is of another Postgres cluster";
    } else if (origin.timeline() != cluster.timeline()) {
      difference =
          "Postgres is on timeline %d, the log on %d"
              .formatted(cluster.timeline(), origin.timeline());
    } else if (!origin.database().equals(cluster.database())
        || !origin.slot().equals(slot.name())) {
      difference =
          "the log is of the slot \"%s\" in the database \"%s\""
              .formatted(origin.slot(), origin.database());
    } else if (!origin.topicId().equals(topicId)) {
      difference = "the log's topic was made anew";
    } else if (Long.compareUnsigned(slot.confirmedLsn(), state.point().commitLsn()) > 0) {
      difference =
          "the slot is at %s and the log ends at %s: the log lost its tail"
              .formatted(Lsn.format(slot.confirmedLsn()), Lsn.format(state.point().commitLsn()));
    }
    if (difference != null) {
      throw new BridgeException(
          difference + "; a new generation with a snapshot is not implemented yet");
    }
  }

  /// Closes in the opposite order of opening; what fails to close does not keep the rest open.
  @Override
  public void close() {
    ended.complete(new InterruptedException("the term was closed"));
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        log.atDebug().setCause(e).log("a part of the term did not close in order");
      }
    }
  }
}
