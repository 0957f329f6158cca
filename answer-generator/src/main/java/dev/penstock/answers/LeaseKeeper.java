package dev.penstock.answers;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.dao.DataAccessException;

/// Looks after a worker's runs: prolongs their leases, and stops those that lost theirs, were
/// stopped by somebody, or take too long. A run's own update would notice too, but the step between
/// two updates grows with the answer.
final class LeaseKeeper implements Runnable {
  private final AnswerWorker worker;
  private final AnswerStore store;
  private final Duration leaseLength;
  private long renewedNanos;

  LeaseKeeper(AnswerWorker worker, AnswerStore store, Duration leaseLength) {
    this.worker = worker;
    this.store = store;
    this.leaseLength = leaseLength;
    this.renewedNanos = System.nanoTime() - leaseLength.toNanos();
  }

  /// One round.
  ///
  /// @throws DataAccessException if the database is out of reach
  @Override
  public void run() {
    Collection<AnswerRun> runs = worker.runs();
    for (AnswerRun run : runs) {
      if (run.isOverdue()) {
        run.stop(StopSignal.Cause.TIMED_OUT);
      }
    }
    if (runs.isEmpty()) {
      return;
    }
    Set<UUID> ids = runs.stream().map(AnswerRun::answerId).collect(Collectors.toSet());
    long now = System.nanoTime();
    if (now - renewedNanos >= leaseLength.toNanos() / 4) {
      store.renew(worker.name(), ids, leaseLength);
      renewedNanos = now;
    }
    Map<UUID, Boolean> stopped = store.stopped(worker.name(), ids);
    for (AnswerRun run : runs) {
      Boolean cancelled = stopped.get(run.answerId());
      if (cancelled == null) {
        run.stop(StopSignal.Cause.LEASE_LOST);
      } else if (cancelled) {
        run.stop(StopSignal.Cause.CANCELLED);
      }
    }
  }
}
