package dev.penstock.bridge;

import dev.penstock.bridge.router.Router;
import dev.penstock.bridge.router.RouterStatus;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Lsn;
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

  private final BridgeSettings settings;
  private final BridgeMetrics metrics;
  private final AtomicReference<@Nullable Refutation> refuted;
  private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
  private final AtomicReference<@Nullable LogFeed> fed = new AtomicReference<>();
  private final RouterStatus routerStatus = new RouterStatus();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /// @param refuted what an earlier term found, and this one may find
  Term(
      BridgeSettings settings,
      BridgeMetrics metrics,
      AtomicReference<@Nullable Refutation> refuted) {
    this.settings = settings;
    this.metrics = metrics;
    this.refuted = refuted;
  }

  /// Takes over: ends the slot's old walsender, claims the log, finds its tail and goes on behind
  /// it, or opens a new generation.
  ///
  /// @return the epoch
  /// @throws BridgeException if only a person can mend it
  long begin(Lead lead) throws SQLException, InterruptedException {
    lead.watch(this::acknowledged, this::held, ended::complete);
    Map<String, Object> kafka = settings.kafka();
    // Closed last, behind the lead: the next leader's router fences this one, and need not wait.
    Router router =
        opened(new Router(settings.routing(), kafka, metrics, routerStatus, ended::complete));
    opened(lead);
    String topic = settings.topics().log();
    String topicId = topicId(kafka, topic);
    Connection catalog = opened(settings.database().connect("penstock-bridge-catalog"));
    requireLead();
    Slot.endWalsender(catalog, settings.slot(), settings.publication());
    SlotSnapshot.endOlder(catalog, settings.slot());
    ensureFailover(catalog);
    LogWriter writer = opened(new LogWriter(kafka, topic));
    requireLead();
    long claim = writer.claim(settings.instance());
    LogTail tail = LogTail.read(kafka, topic, claim);

    GenerationOpening.Begun begun =
        new GenerationOpening(settings, metrics, writer, catalog, refuted, ended)
            .begin(tail, topicId, claim);
    long epoch = begun.epoch();
    ResumePoint start = begun.start();

    Relations relations =
        new Relations(writer, new Catalog(catalog), tail.relationsOf(begun.generation()));
    LogFeed feed =
        new LogFeed(
            writer,
            relations,
            settings.instance(),
            begun.origin(),
            begun.generation(),
            start,
            begun.replay(),
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
            begun.origin().snapshotLsn(),
            new CompletableFuture<>());
    Seams.put(term, seam);
    opened(() -> Seams.remove(term));
    opened(new Engine(term, seam, ended::complete)).start();
    router.start();
    opened(new Retention(settings)).start();
    awaitStreaming(seam);
    metrics.epoch(epoch);
    log.atInfo()
        .addKeyValue("topic", topic)
        .addKeyValue("epoch", epoch)
        .addKeyValue("lsn", Lsn.format(start.commitLsn()))
        .log("leading");
    return epoch;
  }

  private void ensureFailover(Connection catalog) throws SQLException {
    if (settings.failoverSlot() && FailoverSlot.known(catalog)) {
      Slot.find(catalog, settings.slot(), settings.publication())
          .ifPresent(slot -> FailoverSlot.ensure(settings.database(), slot));
    }
  }

  /// What the log has acknowledged in this term; by any thread.
  Optional<ResumePoint> acknowledged() {
    return Optional.ofNullable(fed.get()).flatMap(LogFeed::acknowledged);
  }

  /// Of the last record that the log has acknowledged in this term, -1 before the first; by any
  /// thread.
  long acknowledgedOffset() {
    LogFeed feed = fed.get();
    return feed == null ? -1 : feed.acknowledgedOffset();
  }

  /// Of this term's router; by any thread.
  RouterStatus routerStatus() {
    return routerStatus;
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
