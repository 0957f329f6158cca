package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.ShapeDefinition;
import java.util.Optional;
import java.util.UUID;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// The way to a shape's log on this instance.
public final class ShapeLog implements AutoCloseable {
  private static final int CATCH_UP_THREADS = 4;
  private static final int CATCH_UP_QUEUE = 2_000;

  private final Tail tail;
  private final Scheduler catchUp =
      Schedulers.newBoundedElastic(CATCH_UP_THREADS, CATCH_UP_QUEUE, "shapes-catch-up", 30, true);

  public ShapeLog(Tail tail) {
    this.tail = tail;
  }

  /// The log's present generation; empty while the log is not followed.
  public Optional<UUID> generation() {
    Era era = tail.era();
    return era == null || !tail.isActive() ? Optional.empty() : Optional.of(era.generation());
  }

  /// Opens a shape's log; empty while the log is not followed.
  public Optional<Reading> open(ShapeDefinition shape) {
    Era era = tail.era();
    return era == null || !tail.isActive()
        ? Optional.empty()
        : Optional.of(new Reading(tail, era, era.feed(shape), catchUp));
  }

  @Override
  public void close() {
    catchUp.dispose();
  }
}
