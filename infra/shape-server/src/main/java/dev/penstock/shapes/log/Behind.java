package dev.penstock.shapes.log;

import dev.penstock.contracts.log.Transaction;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.Offset;
import java.util.concurrent.CompletableFuture;

/// A request that is behind the window and waits for a reader, or reads with one.
final class Behind {
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final Era era;
  private final Scan scan;
  private final long from;
  private final boolean inclusive;
  private final long goal;
  private final long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private long reached;

  Behind(Era era, Feed feed, Handle handle, Offset after, long limit) {
    this.era = era;
    from = Reading.from(handle, after);
    inclusive = Reading.isWithin(after);
    goal = era.window().from();
    // The rest of the transaction at the offset is still to come.
    reached = inclusive ? from - 1 : from;
    scan = new Scan(feed.shape(), handle, after, limit);
  }

  Era era() {
    return era;
  }

  CompletableFuture<Outcome> outcome() {
    return outcome;
  }

  long from() {
    return from;
  }

  boolean inclusive() {
    return inclusive;
  }

  /// Whether a reader at a position has passed nothing that is wanted here.
  boolean mayJoin(long position) {
    return Long.compareUnsigned(position, reached) <= 0;
  }

  boolean wants(Transaction transaction) {
    return Long.compareUnsigned(transaction.commitLsn(), reached) > 0;
  }

  Scan scan() {
    return scan;
  }

  /// Says that everything up to a position was offered.
  ///
  /// @return whether it wants more
  boolean reach(long position) {
    reached = Reading.later(reached, position);
    return Long.compareUnsigned(reached, goal) < 0 || done(new Outcome.Found(scan.upTo(reached)));
  }

  /// Gives what there is once it has waited for long.
  ///
  /// @return whether it waits on
  boolean isPatient() {
    return System.nanoTime() < deadlineNanos
        || done(
            Long.compareUnsigned(reached, from) > 0
                ? new Outcome.Found(scan.upTo(reached))
                : new Outcome.Unavailable());
  }

  /// Ends a transaction.
  ///
  /// @return whether it wants more
  boolean finish() {
    return scan.finish()
        || done(scan.isRotated() ? new Outcome.Rotated() : new Outcome.Found(scan.partial()));
  }

  /// Gives the outcome: it wants no more.
  boolean done(Outcome result) {
    outcome.complete(result);
    return false;
  }
}
