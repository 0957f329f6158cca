package dev.penstock.answers;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/// One worker's run at one answer under one lease: waits for the row, answers, writes once.
final class AnswerRun {
  /// @param attempts how often the answerer is asked, at least 1
  /// @param attemptBackoff the first pause between attempts
  /// @param timeout of the whole run
  /// @param maxClaims how often an answer may be claimed before it counts as the cause
  /// @param maxLength of an answer, in UTF-16 units
  /// @param visibility how long to wait for a row whose commit is in the log already
  record Limits(
      int attempts,
      Duration attemptBackoff,
      Duration timeout,
      int maxClaims,
      int maxLength,
      Duration visibility) {}

  private static final Logger log = LoggerFactory.getLogger(AnswerRun.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /// How long a finished answer is kept for a database that is away.
  private static final Duration WRITE_PATIENCE = Duration.ofMinutes(2);

  private final Lease lease;
  private final Answerer answerer;
  private final AnswerStore store;
  private final AnswerMetrics metrics;
  private final Limits limits;
  private final StopSignal signal = new StopSignal();
  private final long startedNanos = System.nanoTime();

  AnswerRun(
      Lease lease, Answerer answerer, AnswerStore store, AnswerMetrics metrics, Limits limits) {
    this.lease = lease;
    this.answerer = answerer;
    this.store = store;
    this.metrics = metrics;
    this.limits = limits;
  }

  UUID answerId() {
    return lease.answerId();
  }

  void stop(StopSignal.Cause cause) {
    signal.stop(cause);
  }

  boolean isOverdue() {
    return taken().compareTo(limits.timeout()) > 0;
  }

  /// By a clock that no time server moves: an overdue answer fails for good.
  private Duration taken() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /// Runs to the end; what it could not finish is left to the lease's end and the sweep.
  void run() {
    Outcome outcome = Outcome.RELEASED;
    try {
      outcome = answer();
    } catch (DataAccessException e) {
      log.atWarn()
          .addKeyValue("messageId", answerId())
          .setCause(e)
          .log("The answer was left to its lease's end: the database is out of reach");
    } finally {
      metrics.finished(outcome, taken());
    }
  }

  private Outcome answer() {
    if (lease.generation() > limits.maxClaims()) {
      return fail(Reasons.INTERRUPTED);
    }
    try {
      Optional<AnswerRow> row = awaitRow();
      if (row.isEmpty()) {
        store.drop(lease);
        return Outcome.NOT_VISIBLE;
      }
      if (row.get().status().isFinal()) {
        store.drop(lease);
        return Outcome.FENCED;
      }
      metrics.waited(row.get().waited());
      Question question = row.get().question();
      return question == null ? fail(Reasons.NO_QUESTION) : answer(question);
    } catch (InterruptedException e) {
      return stopped();
    } catch (AnswerRefusedException e) {
      return fail(e.reason());
    }
  }

  /// A commit can be in the log before it is visible.
  private Optional<AnswerRow> awaitRow() throws InterruptedException, AnswerRefusedException {
    Instant end = Instant.now().plus(limits.visibility());
    Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofMillis(250));
    Optional<AnswerRow> row = store.find(answerId());
    while (row.isEmpty() && Instant.now().isBefore(end)) {
      Duration pause = backoff.next();
      signal.interruptibly(() -> {
        Thread.sleep(pause);
        return true;
      });
      row = store.find(answerId());
    }
    return row;
  }

  private Outcome answer(Question question) throws InterruptedException, AnswerRefusedException {
    Backoff backoff = new Backoff(limits.attemptBackoff(), LONGEST_PAUSE);
    for (int attempt = 1; attempt <= limits.attempts(); attempt++) {
      String text = attempt(question, attempt);
      if (signal.cause().isPresent()) {
        return stopped();
      }
      if (text != null) {
        return write(Outcome.COMPLETED, () -> store.complete(lease, text));
      }
      if (attempt < limits.attempts()) {
        Duration pause = backoff.next();
        signal.interruptibly(() -> {
          Thread.sleep(pause);
          return true;
        });
      }
    }
    return fail(Reasons.FAILED);
  }

  /// The text, or null where the attempt failed or was stopped.
  private @Nullable String attempt(Question question, int attempt) throws AnswerRefusedException {
    CollectedAnswer collected = new CollectedAnswer(limits.maxLength());
    try {
      return signal.interruptibly(() -> {
        answerer.answer(question, collected);
        return collected.text();
      });
    } catch (InterruptedException | RuntimeException | LinkageError e) {
      if (signal.cause().isEmpty()) {
        metrics.attemptFailed();
        // The name only: a provider's message may quote the question.
        log.atWarn()
            .addKeyValue("messageId", answerId())
            .addKeyValue("conversationId", question.conversationId())
            .addKeyValue("attempt", attempt)
            .addKeyValue("failure", e.getClass().getName())
            .log("An attempt to answer failed");
      }
      return null;
    }
  }

  private Outcome stopped() {
    return switch (signal.cause().orElse(StopSignal.Cause.CLOSING)) {
      case LEASE_LOST -> Outcome.FENCED;
      case TIMED_OUT -> fail(Reasons.TIMED_OUT);
      case CLOSING -> {
        store.release(lease);
        yield Outcome.RELEASED;
      }
    };
  }

  private Outcome fail(String reason) {
    return write(Outcome.FAILED, () -> store.fail(lease, reason));
  }

  private Outcome write(Outcome written, BooleanSupplier finish) {
    if (patiently(finish)) {
      return written;
    }
    boolean cancelled =
        store.find(answerId()).filter(row -> row.status() == AnswerStatus.CANCELLED).isPresent();
    return cancelled ? Outcome.CANCELLED : Outcome.FENCED;
  }

  /// An answer is dear: it is written when the database is back, unless another has it by then.
  private boolean patiently(BooleanSupplier finish) {
    Instant end = Instant.now().plus(WRITE_PATIENCE);
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(500));
    while (true) {
      try {
        return finish.getAsBoolean();
      } catch (DataAccessException e) {
        boolean pointless =
            signal.cause().filter(cause -> cause != StopSignal.Cause.TIMED_OUT).isPresent();
        if (pointless || Instant.now().isAfter(end) || !pause(backoff.next())) {
          throw e;
        }
      }
    }
  }

  private static boolean pause(Duration pause) {
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
