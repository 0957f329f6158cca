package dev.penstock.command.txid;

import dev.penstock.command.txid.Step.Name;
import dev.penstock.command.txid.Step.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Answers where a transaction is. Bounded in searches at once, and each in time and records read;
/// `penstock.command.txids` times them by outcome.
public final class TxidTracer implements AutoCloseable {
  private static final int REMEMBERED = 2_000;

  private final CommandRows rows;
  private final LogSearch log;
  private final TopicSearch topics;
  private final ShapeServers shapes;
  private final TracerSettings settings;
  private final Semaphore searches;
  private final MeterRegistry meters;
  private final Map<Long, Trail> finished = remembered();

  /// Where the WAL was when a commit was first seen: later it has moved on, and on a database
  /// without published changes the log would never be seen to pass it.
  private final Map<Long, Long> firstSeen = remembered();

  public TxidTracer(JdbcClient jdbc, TracerSettings settings, MeterRegistry meters) {
    this.settings = settings;
    this.meters = meters;
    Map<String, Object> kafka = new HashMap<>(settings.kafka());
    kafka.put("default.api.timeout.ms", Math.toIntExact(settings.timeout().toMillis()));
    kafka.put("request.timeout.ms", Math.toIntExact(settings.timeout().toMillis()));
    rows = new CommandRows(jdbc);
    log = new LogSearch(kafka, settings.topics(), settings.slack());
    topics = new TopicSearch(kafka, settings.slack(), settings.concurrency());
    shapes = new ShapeServers(settings.shapeServers(), settings.shapesSecret());
    searches = new Semaphore(settings.concurrency());
    meters.gauge(
        "penstock.command.txids.searches",
        searches,
        free -> settings.concurrency() - free.availablePermits());
  }

  private static <V> Map<Long, V> remembered() {
    return Collections.synchronizedMap(
        new LinkedHashMap<>(64, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, V> eldest) {
            return size() > REMEMBERED;
          }
        });
  }

  /// The caller's own transaction; empty where there is none that is visible.
  ///
  /// @param txid the unsigned 32-bit xid
  /// @throws TracerBusyException where a bound was reached
  public Optional<Trail> ofCaller(long txid, String caller) {
    return rows.find(txid, caller).map(this::trail);
  }

  /// Anyone's; also what is not committed.
  public Optional<Trail> ofOperator(long txid) {
    Optional<CommandRow> row = rows.find(txid, null);
    if (row.isPresent()) {
      return row.map(this::trail);
    }
    return rows.status(txid)
        .map(status ->
            switch (status) {
              case "in progress" -> bare(txid, Trail.State.IN_PROGRESS);
              case "aborted" -> bare(txid, Trail.State.ABORTED);
              default ->
                  new Trail(
                      txid,
                      Trail.State.UNKNOWN,
                      null,
                      null,
                      null,
                      "It is committed, but no command: when is not known, so it is not searched.",
                      null,
                      null,
                      List.of(Step.done(Name.COMMITTED, null, null)));
            });
  }

  private static Trail bare(long txid, Trail.State state) {
    return new Trail(txid, state, null, null, null, null, null, null, List.of());
  }

  private Trail trail(CommandRow row) {
    Trail known = finished.get(row.xid());
    if (known != null) {
      return known;
    }
    if (!searches.tryAcquire()) {
      meters.counter("penstock.command.txids.refused", "reason", "concurrency").increment();
      throw new TracerBusyException("concurrency", "Too many transactions are searched for.");
    }
    Timer.Sample sample = Timer.start(meters);
    String outcome = "failed";
    try {
      Trail trail = search(row.at(seen(row)));
      outcome = trail.state().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      if (trail.isFinal()) {
        finished.put(row.xid(), trail);
        firstSeen.remove(row.xid());
      }
      return trail;
    } catch (TracerBusyException e) {
      outcome = e.reason();
      throw e;
    } catch (KafkaException e) {
      outcome = "kafka";
      throw new TracerBusyException("kafka", "Kafka does not answer.");
    } finally {
      sample.stop(meters.timer("penstock.command.txids", "outcome", outcome));
      searches.release();
    }
  }

  private long seen(CommandRow row) {
    Long before = firstSeen.putIfAbsent(row.xid(), row.walLsn());
    return before == null ? row.walLsn() : before;
  }

  private Trail search(CommandRow row) {
    Deadline deadline = new Deadline(settings.timeout(), settings.scan());
    return switch (log.find(row, deadline)) {
      case LogFinding.Found found -> found(row, found, deadline);
      case LogFinding.NotYet _ -> waiting(row, null);
      case LogFinding.Gap _ ->
          waiting(row, "The log has a gap: nothing behind it is released until it is mended.");
      case LogFinding.Passed _ -> noRow(row, new ArrayList<>(List.of(committed(row, null))), null);
      case LogFinding.InSnapshot snapshot -> inSnapshot(row, snapshot);
      case LogFinding.Gone _ -> {
        String gone = "The log does not hold it any more.";
        yield of(
            row,
            Trail.State.UNKNOWN,
            null,
            gone,
            List.of(
                committed(row, null),
                Step.of(Name.IN_LOG, Status.UNKNOWN, gone),
                Step.of(Name.IN_TOPICS, Status.UNKNOWN, gone),
                Step.of(Name.RELEASED, Status.UNKNOWN, gone)));
      }
    };
  }

  private Trail found(CommandRow row, LogFinding.Found found, Deadline deadline) {
    List<Step> steps = new ArrayList<>();
    steps.add(committed(row, Instant.EPOCH.plus(found.commitMicros(), ChronoUnit.MICROS)));
    steps.add(
        new Step(
            Name.IN_LOG,
            Status.DONE,
            Instant.ofEpochMilli(found.writtenMillis()),
            null,
            settings.topics().log(),
            found.offset(),
            dev.penstock.contracts.log.Lsn.decimal(found.commitLsn()),
            found.generation(),
            null));
    if (found.places().isEmpty() && !found.snapshot()) {
      return noRow(row, steps, "It is in the log only with messages that go nowhere.");
    }
    Step inTopics = inTopics(found, deadline);
    Step released =
        shapes.released(found.generation(), found.commitLsn(), () -> log.generation(deadline));
    steps.add(inTopics);
    steps.add(released);
    if (found.snapshot()) {
      return of(row, Trail.State.NEVER_ARRIVES, Trail.Reason.IN_A_SNAPSHOT, IN_SNAPSHOT, steps);
    }
    if (!found.rows()) {
      return of(
          row,
          Trail.State.NEVER_ARRIVES,
          Trail.Reason.NO_SYNCED_ROW_CHANGED,
          "No synced row changed.",
          steps);
    }
    if (!found.owners().contains(row.owner())
        && !rows.ownsAny(row.owner(), found.conversations())) {
      return of(
          row,
          Trail.State.NEVER_ARRIVES,
          Trail.Reason.OUTSIDE_OF_YOUR_SHAPES,
          "It changed rows that are in no shape of the caller.",
          steps);
    }
    boolean everywhere = inTopics.status() == Status.DONE && released.status() == Status.DONE;
    return of(
        row,
        everywhere
            ? Trail.State.ARRIVED
            : released.status() == Status.UNKNOWN ? Trail.State.UNKNOWN : Trail.State.ON_ITS_WAY,
        null,
        null,
        steps);
  }

  private Step inTopics(LogFinding.Found found, Deadline deadline) {
    List<Step.Placed> placed = topics.find(found, deadline);
    Instant last = null;
    boolean all = !placed.isEmpty();
    for (Step.Placed one : placed) {
      Instant at = one.at();
      all &= at != null;
      last = at != null && (last == null || at.isAfter(last)) ? at : last;
    }
    return new Step(
        Name.IN_TOPICS,
        all ? Status.DONE : Status.PENDING,
        all ? last : null,
        null,
        null,
        null,
        null,
        null,
        placed);
  }

  private static final String IN_SNAPSHOT =
      "A new generation of the log was opened after the commit: the rows are in its snapshot,"
          + " without their txid.";

  private Trail inSnapshot(CommandRow row, LogFinding.InSnapshot snapshot) {
    Instant at = Instant.ofEpochMilli(snapshot.writtenMillis());
    return of(
        row,
        Trail.State.NEVER_ARRIVES,
        Trail.Reason.IN_A_SNAPSHOT,
        IN_SNAPSHOT,
        List.of(
            committed(row, null),
            new Step(
                Name.IN_LOG,
                Status.DONE,
                at,
                IN_SNAPSHOT,
                settings.topics().log(),
                null,
                null,
                snapshot.generation(),
                null),
            Step.of(Name.IN_TOPICS, Status.NEVER, IN_SNAPSHOT),
            Step.of(Name.RELEASED, Status.NEVER, IN_SNAPSHOT)));
  }

  private Trail noRow(CommandRow row, List<Step> steps, @Nullable String inLog) {
    String detail = "No synced row changed.";
    if (inLog == null) {
      steps.add(Step.of(Name.IN_LOG, Status.NEVER, detail));
    }
    steps.add(Step.of(Name.IN_TOPICS, Status.NEVER, detail));
    steps.add(Step.of(Name.RELEASED, Status.NEVER, detail));
    return of(row, Trail.State.NEVER_ARRIVES, Trail.Reason.NO_SYNCED_ROW_CHANGED, detail, steps);
  }

  private Trail waiting(CommandRow row, @Nullable String detail) {
    return of(
        row,
        Trail.State.ON_ITS_WAY,
        null,
        detail,
        List.of(
            committed(row, null),
            Step.of(Name.IN_LOG, Status.PENDING, detail),
            Step.of(Name.IN_TOPICS, Status.PENDING, null),
            Step.of(Name.RELEASED, Status.PENDING, null)));
  }

  private static Step committed(CommandRow row, @Nullable Instant fromLog) {
    return Step.done(Name.COMMITTED, fromLog == null ? row.committed() : fromLog, null);
  }

  private static Trail of(
      CommandRow row,
      Trail.State state,
      Trail.@Nullable Reason reason,
      @Nullable String detail,
      List<Step> steps) {
    return new Trail(
        row.txid(),
        state,
        row.kind(),
        row.requestId(),
        reason,
        detail,
        row.accepted(),
        row.begun(),
        List.copyOf(steps));
  }

  @Override
  public void close() {
    topics.close();
  }
}
