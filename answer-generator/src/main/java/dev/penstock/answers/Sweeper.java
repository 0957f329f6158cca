package dev.penstock.answers;

import java.time.Duration;
import java.util.UUID;
import org.springframework.dao.DataAccessException;

/// Takes from the database what Kafka does not bring: answers whose record was lost, rejected or is
/// assigned to a busy worker, and those whose worker died.
final class Sweeper implements Runnable {
  private static final Duration FORGOTTEN = Duration.ofHours(1);

  private final AnswerWorker worker;
  private final AnswerStore store;
  private final AnswerMetrics metrics;
  private final Duration pendingAfter;
  private final int limit;

  /// @param pendingAfter how old a row must be that nobody ever claimed
  /// @param limit answers per sweep
  Sweeper(
      AnswerWorker worker,
      AnswerStore store,
      AnswerMetrics metrics,
      Duration pendingAfter,
      int limit) {
    this.worker = worker;
    this.store = store;
    this.metrics = metrics;
    this.pendingAfter = pendingAfter;
    this.limit = limit;
  }

  /// One sweep.
  ///
  /// @throws DataAccessException if the database is out of reach
  @Override
  public void run() {
    metrics.queueAge(store.queueAge());
    try {
      for (UUID answerId : store.abandoned(pendingAfter, limit)) {
        switch (worker.take(answerId, Duration.ZERO)) {
          case STARTED -> metrics.swept();
          case REPEATED -> {
            // Another worker's sweep was faster.
          }
          case BUSY -> {
            return;
          }
        }
      }
      store.purge(FORGOTTEN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
