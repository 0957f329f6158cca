package dev.penstock.answers;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/// The one write that ends an answer, under its lease.
///
/// @param signal tells when it is pointless to wait for the database
record FinalWrite(
    Lease lease,
    AnswerStore store,
    DeadLetters deadLetters,
    AnswerMetrics metrics,
    StopSignal signal) {
  private static final Logger log = LoggerFactory.getLogger(FinalWrite.class);

  /// How long a finished answer is kept for a database that is away.
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  Outcome complete(String text) {
    return write(Outcome.COMPLETED, () -> store.complete(lease, text));
  }

  Outcome fail(Failure failure) {
    Outcome outcome = write(Outcome.FAILED, () -> deadLetters.fail(lease, failure));
    if (outcome == Outcome.FAILED) {
      log.atWarn()
          .addKeyValue("messageId", lease.answerId())
          .addKeyValue("attempts", failure.attempts())
          .addKeyValue("failure", failure.cause())
          .log("An answer failed and is a dead letter");
    }
    return outcome;
  }

  private Outcome write(Outcome written, BooleanSupplier finish) {
    if (patiently(finish)) {
      return written;
    }
    metrics.fencedWrite();
    return lost();
  }

  /// What it means that a write of this lease changed nothing.
  Outcome lost() {
    boolean cancelled =
        store
            .find(lease.answerId())
            .filter(row -> row.status() == AnswerStatus.CANCELLED)
            .isPresent();
    if (cancelled) {
      store.drop(lease);
    }
    return cancelled ? Outcome.CANCELLED : Outcome.FENCED;
  }

  /// An answer is dear: it is written when the database is back, unless another has it by then.
  private boolean patiently(BooleanSupplier finish) {
    Instant end = Instant.now().plus(PATIENCE);
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
