package dev.penstock.answers;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/// Claims answers and runs them, each on a virtual thread, never more at once than it has slots.
final class AnswerWorker {
  enum Taken {
    /// It is claimed: from here on its lease remembers it.
    STARTED,
    /// Somebody has it, or it is final.
    REPEATED,
    /// No slot is free, or this worker is closing.
    BUSY
  }

  private static final Logger log = LoggerFactory.getLogger(AnswerWorker.class);

  private final String name;
  private final Answerer answerer;
  private final AnswerStore store;
  private final DeadLetters deadLetters;
  private final AnswerMetrics metrics;
  private final AnswerRun.Limits limits;
  private final int concurrency;
  private final Traces traces;
  private final Semaphore slots;
  private final Set<UUID> taken = ConcurrentHashMap.newKeySet();
  private final Map<UUID, AnswerRun> runs = new ConcurrentHashMap<>();
  private volatile boolean closing;

  AnswerWorker(
      String name,
      Answerer answerer,
      AnswerStore store,
      DeadLetters deadLetters,
      AnswerMetrics metrics,
      AnswerRun.Limits limits,
      int concurrency,
      Traces traces) {
    this.name = name;
    this.answerer = answerer;
    this.store = store;
    this.deadLetters = deadLetters;
    this.metrics = metrics;
    this.limits = limits;
    this.concurrency = concurrency;
    this.traces = traces;
    this.slots = new Semaphore(concurrency);
  }

  String name() {
    return name;
  }

  Collection<AnswerRun> runs() {
    return List.copyOf(runs.values());
  }

  /// Waits until a slot is free; the free slot is not kept.
  boolean awaitFreeSlot(Duration patience) throws InterruptedException {
    if (!slots.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    slots.release();
    return true;
  }

  /// The same, of a question that carries a trace.
  Taken take(UUID answerId, @Nullable String traceParent, Duration patience)
      throws InterruptedException {
    traces.begin(answerId, traceParent);
    return take(answerId, patience);
  }

  /// Claims and starts an answer, if a slot gets free within `patience`.
  ///
  /// @throws org.springframework.dao.DataAccessException if the database is out of reach
  Taken take(UUID answerId, Duration patience) throws InterruptedException {
    if (!slots.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      return Taken.BUSY;
    }
    Taken result = Taken.BUSY;
    try {
      if (!closing) {
        result = claim(answerId).map(this::start).orElse(Taken.REPEATED);
      }
      return result;
    } finally {
      if (result != Taken.STARTED) {
        slots.release();
      }
    }
  }

  private Optional<AnswerRun> claim(UUID answerId) {
    // Two runs of one answer in one worker would hold the same lease.
    if (!taken.add(answerId)) {
      return Optional.empty();
    }
    Optional<AnswerRun> run = Optional.empty();
    try {
      run =
          store
              .claim(answerId, name, limits.lease())
              .map(lease -> {
                metrics.started(lease);
                return new AnswerRun(lease, answerer, store, deadLetters, metrics, limits);
              });
      run.ifPresent(claimed -> runs.put(answerId, claimed));
      return run;
    } finally {
      if (run.isEmpty()) {
        taken.remove(answerId);
      }
    }
  }

  private Taken start(AnswerRun first) {
    Thread.ofVirtual()
        .name("answer-" + first.answerId())
        .start(() -> {
          try {
            Optional<AnswerRun> run = Optional.of(first);
            while (run.isPresent()) {
              run = following(run.get(), finish(run.get()));
            }
          } finally {
            slots.release();
          }
        });
    return Taken.STARTED;
  }

  private Outcome finish(AnswerRun run) {
    try {
      Outcome outcome = run.run();
      traces.end(run.answerId(), outcome);
      return outcome;
    } catch (RuntimeException | Error e) {
      log.atError()
          .addKeyValue("messageId", run.answerId())
          .addKeyValue("failure", e.getClass().getName())
          .log("A run was lost; its lease runs out");
      return Outcome.RELEASED;
    } finally {
      runs.remove(run.answerId());
      taken.remove(run.answerId());
    }
  }

  /// What this run's end may have freed: the next answer of its conversation. Whoever dies before
  /// that leaves it to the sweep.
  private Optional<AnswerRun> following(AnswerRun run, Outcome outcome) {
    if (closing) {
      return Optional.empty();
    }
    try {
      return switch (outcome) {
        case COMPLETED, FAILED, CANCELLED ->
            run.conversationId().flatMap(store::next).flatMap(this::claim);
        // What it waited for may have ended meanwhile.
        case DEFERRED -> claim(run.answerId());
        case FENCED, NOT_VISIBLE, RELEASED -> Optional.empty();
      };
    } catch (DataAccessException e) {
      log.atWarn()
          .addKeyValue("messageId", run.answerId())
          .setCause(e)
          .log("The next answer was left to the sweep: the database is out of reach");
      return Optional.empty();
    }
  }

  /// Takes nothing more, lets runs finish for `grace`, then releases the rest; gives up after
  /// another second and a half.
  void close(Duration grace) throws InterruptedException {
    closing = true;
    if (slots.tryAcquire(concurrency, grace.toMillis(), TimeUnit.MILLISECONDS)) {
      return;
    }
    for (int i = 0; i < 15; i++) {
      runs.values().forEach(run -> run.stop(StopSignal.Cause.CLOSING));
      if (slots.tryAcquire(concurrency, 100, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    log.atWarn().addKeyValue("inFlight", runs.size()).log("Runs were left to their leases' end");
  }
}
