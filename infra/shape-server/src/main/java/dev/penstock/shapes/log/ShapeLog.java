package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.ShapeDefinition;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// The way to a shape's log on this instance.
public final class ShapeLog implements AutoCloseable {
  private static final int WINDOW_THREADS = 4;
  private static final int WINDOW_QUEUE = 2_000;

  private final Tail tail;
  private final CatchUps catchUps;
  private final Scheduler window =
      Schedulers.newBoundedElastic(WINDOW_THREADS, WINDOW_QUEUE, "shapes-window", 30, true);

  public ShapeLog(Tail tail) {
    this.tail = tail;
    catchUps = new CatchUps(tail.settings());
  }

  /// Requests that are behind what is in memory.
  public int behind() {
    return catchUps.waiting();
  }

  /// How many readers were opened for such requests.
  public long catchUps() {
    return catchUps.started();
  }

  /// The log's present generation; empty while the log is not followed.
  public Optional<UUID> generation() {
    Era era = tail.era();
    return era == null || !tail.isActive() ? Optional.empty() : Optional.of(era.generation());
  }

  /// Opens a shape's log; empty while the log is not followed.
  ///
  /// @param waiter where a request goes on that had to wait, and what ends its waiting
  public Optional<Reading> open(ShapeDefinition shape, ScheduledExecutorService waiter) {
    Era era = tail.era();
    return era == null || !tail.isActive()
        ? Optional.empty()
        : Optional.of(new Reading(tail, era, era.feed(shape), waiter, window, catchUps));
  }

  @Override
  public void close() {
    catchUps.close();
    window.dispose();
  }
}
