package dev.penstock.answers;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.dao.DataAccessException;

/// Prolongs the leases of a worker's runs, and stops runs that lost theirs or take too long.
final class LeaseKeeper implements Runnable {
  private final AnswerWorker worker;
  private final AnswerStore store;
  private final Duration leaseLength;

  LeaseKeeper(AnswerWorker worker, AnswerStore store, Duration leaseLength) {
    this.worker = worker;
    this.store = store;
    this.leaseLength = leaseLength;
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
    Set<UUID> ids = runs.stream().map(AnswerRun::answerId).collect(Collectors.toSet());
    Set<UUID> held = store.renew(worker.name(), ids, leaseLength);
    for (AnswerRun run : runs) {
      if (!held.contains(run.answerId())) {
        run.stop(StopSignal.Cause.LEASE_LOST);
      }
    }
  }
}
