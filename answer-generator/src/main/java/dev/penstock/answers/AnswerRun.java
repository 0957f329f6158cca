package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/// One worker's run at one answer under one lease: waits for the row, lets the answerer speak, and
/// ends in one final write.
final class AnswerRun {
  /// @param attempts how often the answerer is asked, at least 1
  /// @param attemptBackoff the first pause between attempts
  /// @param longestPause between attempts, also where a provider asks for more
  /// @param timeout of the whole run
  /// @param maxClaims how often an answer may be claimed before it counts as the cause
  /// @param maxLength of an answer, in UTF-16 units
  /// @param historyMessages of the conversation before the question
  /// @param visibility how long to wait for a row whose commit is in the log already
  /// @param lease prolonged by every write
  /// @param growth when the row is written
  record Limits(
      int attempts,
      Duration attemptBackoff,
      Duration longestPause,
      Duration timeout,
      int maxClaims,
      int maxLength,
      int historyMessages,
      Duration visibility,
      Duration lease,
      Growth.Limits growth) {}

  private static final Logger log = LoggerFactory.getLogger(AnswerRun.class);

  private final Lease lease;
  private final Answerer answerer;
  private final AnswerStore store;
  private final FinalWrite finalWrite;
  private final AnswerMetrics metrics;
  private final Limits limits;
  private final StopSignal signal = new StopSignal();
  private final long startedNanos = System.nanoTime();
  private volatile @Nullable UUID conversationId;

  AnswerRun(
      Lease lease,
      Answerer answerer,
      AnswerStore store,
      DeadLetters deadLetters,
      AnswerMetrics metrics,
      Limits limits) {
    this.lease = lease;
    this.answerer = answerer;
    this.store = store;
    this.metrics = metrics;
    this.limits = limits;
    this.finalWrite = new FinalWrite(lease, store, deadLetters, metrics, signal);
  }

  UUID answerId() {
    return lease.answerId();
  }

  /// Known once the row was seen.
  Optional<UUID> conversationId() {
    return Optional.ofNullable(conversationId);
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
  Outcome run() {
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
    return outcome;
  }

  private Outcome answer() {
    try {
      Optional<AnswerRow> visible = awaitRow();
      if (visible.isEmpty()) {
        store.drop(lease);
        return Outcome.NOT_VISIBLE;
      }
      AnswerRow row = visible.get();
      conversationId = row.conversationId();
      if (row.status().isFinal()) {
        store.drop(lease);
        return Outcome.FENCED;
      }
      if (row.blocked()) {
        store.release(lease);
        return Outcome.DEFERRED;
      }
      if (lease.claims() > limits.maxClaims()) {
        return finalWrite.fail(
            new Failure(Reasons.INTERRUPTED, lease.claims() - 1 + " runs did not end", 0));
      }
      metrics.waited(row.waited());
      Question question = row.question();
      return question == null
          ? finalWrite.fail(new Failure(Reasons.NO_QUESTION, "no question", 0))
          : answer(question, row.written());
    } catch (InterruptedException e) {
      return stopped(0);
    }
  }

  /// A commit can be in the log before it is visible.
  private Optional<AnswerRow> awaitRow() throws InterruptedException {
    Instant end = Instant.now().plus(limits.visibility());
    Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofMillis(250));
    Optional<AnswerRow> row = store.find(answerId());
    while (row.isEmpty() && Instant.now().isBefore(end)) {
      pause(backoff.next());
      row = store.find(answerId());
    }
    return row;
  }

  private void pause(Duration pause) throws InterruptedException {
    signal.interruptibly(() -> {
      Thread.sleep(pause);
      return true;
    });
  }

  private Outcome answer(Question asked, long written) {
    Question question =
        asked.after(store.history(asked, limits.historyMessages(), limits.maxLength()));
    GrowingRow row = new GrowingRow(lease, store, metrics, limits, question.begun(), written);
    Backoff backoff = new Backoff(limits.attemptBackoff(), limits.longestPause());
    String cause = "";
    for (int attempt = 1; attempt <= limits.attempts(); attempt++) {
      Draft draft =
          new Draft(answerer.continues() ? question.begun() : "", limits.maxLength(), metrics);
      try (Attempt running = new Attempt(answerId(), answerer, question, draft)) {
        Throwable failure = row.follow(running.draft(), signal);
        if (failure == null) {
          return complete(draft.text(), row);
        }
        if (failure instanceof AnswerRefusedException refused) {
          row.checkpoint(draft);
          return finalWrite.fail(
              new Failure(refused.reason(), refused.causeForOperators(), attempt));
        }
        cause = failed(question, attempt, failure);
        question = answerer.continues() ? question.begun(draft.text()) : question;
        if (attempt < limits.attempts()) {
          pause(longer(backoff.next(), failure));
        }
      } catch (GrowingRow.LostException e) {
        return finalWrite.lost();
      } catch (InterruptedException e) {
        if (signal.cause().filter(StopSignal.Cause::keepsText).isPresent()) {
          row.checkpoint(draft);
        }
        return stopped(attempt);
      }
    }
    return finalWrite.fail(new Failure(Reasons.FAILED, cause, limits.attempts()));
  }

  private Outcome complete(String text, GrowingRow row) {
    Outcome outcome = finalWrite.complete(text);
    if (outcome == Outcome.COMPLETED) {
      long bytes = text.getBytes(UTF_8).length;
      metrics.completed(row.updates() + 1, row.written() + bytes, text);
    }
    return outcome;
  }

  /// What a provider asked for counts, within a bound.
  private Duration longer(Duration pause, Throwable failure) {
    if (failure instanceof AttemptFailedException e && e.after().compareTo(pause) > 0) {
      // Not sooner than asked for, and not everyone at once.
      Duration asked = e.after().plus(pause.dividedBy(2));
      return asked.compareTo(limits.longestPause()) > 0 ? limits.longestPause() : asked;
    }
    return pause;
  }

  private String failed(Question question, int attempt, Throwable failure) {
    metrics.attemptFailed();
    // The name only: a provider's message may quote the question.
    String cause =
        failure instanceof AttemptFailedException
            ? String.valueOf(failure.getMessage())
            : failure.getClass().getName();
    log.atWarn()
        .addKeyValue("messageId", answerId())
        .addKeyValue("conversationId", question.conversationId())
        .addKeyValue("attempt", attempt)
        .addKeyValue("failure", cause)
        .log("An attempt to answer failed");
    return cause;
  }

  private Outcome stopped(int attempts) {
    return switch (signal.cause().orElse(StopSignal.Cause.CLOSING)) {
      case LEASE_LOST -> finalWrite.lost();
      case CANCELLED -> {
        store.drop(lease);
        yield Outcome.CANCELLED;
      }
      case TIMED_OUT -> finalWrite.fail(new Failure(Reasons.TIMED_OUT, "answer-timeout", attempts));
      case CLOSING -> {
        store.release(lease);
        yield Outcome.RELEASED;
      }
    };
  }
}
