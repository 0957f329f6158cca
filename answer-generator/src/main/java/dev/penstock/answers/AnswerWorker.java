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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private final AnswerMetrics metrics;
  private final AnswerRun.Limits limits;
  private final Duration leaseLength;
  private final int concurrency;
  private final Semaphore slots;
  private final Set<UUID> taken = ConcurrentHashMap.newKeySet();
  private final Map<UUID, AnswerRun> runs = new ConcurrentHashMap<>();
  private volatile boolean closing;

  AnswerWorker(
      String name,
      Answerer answerer,
      AnswerStore store,
      AnswerMetrics metrics,
      AnswerRun.Limits limits,
      Duration leaseLength,
      int concurrency) {
    this.name = name;
    this.answerer = answerer;
    this.store = store;
    this.metrics = metrics;
    this.limits = limits;
    this.leaseLength = leaseLength;
    this.concurrency = concurrency;
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
        result = claim(answerId) ? Taken.STARTED : Taken.REPEATED;
      }
      return result;
    } finally {
      if (result != Taken.STARTED) {
        slots.release();
      }
    }
  }

  private boolean claim(UUID answerId) {
    // Two runs of one answer in one worker would hold the same lease.
    if (!taken.add(answerId)) {
      return false;
    }
    Optional<Lease> lease = Optional.empty();
    try {
      lease = store.claim(answerId, name, leaseLength);
      lease.ifPresent(this::start);
      return lease.isPresent();
    } finally {
      if (lease.isEmpty()) {
        taken.remove(answerId);
      }
    }
  }

  private void start(Lease lease) {
    AnswerRun run = new AnswerRun(lease, answerer, store, metrics, limits);
    runs.put(lease.answerId(), run);
    metrics.started(lease);
    Thread.ofVirtual()
        .name("answer-" + lease.answerId())
        .uncaughtExceptionHandler((thread, failure) ->
            log.atError()
                .addKeyValue("messageId", lease.answerId())
                .addKeyValue("failure", failure.getClass().getName())
                .log("A run was lost; its lease runs out"))
        .start(() -> {
          try {
            run.run();
          } finally {
            runs.remove(lease.answerId());
            taken.remove(lease.answerId());
            slots.release();
          }
        });
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
