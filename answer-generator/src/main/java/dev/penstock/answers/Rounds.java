package dev.penstock.answers;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Repeats a task at a fixed delay on a thread of its own, whatever it throws.
final class Rounds implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Rounds.class);

  /// A round that takes longer hangs.
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final String name;
  private final Runnable task;
  private final Duration interval;
  private final ScheduledExecutorService executor;
  private volatile long endedNanos = System.nanoTime();
  private volatile boolean succeeded;

  Rounds(String name, Runnable task, Duration interval) {
    this.name = name;
    this.task = task;
    this.interval = interval;
    this.executor =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name(name).factory());
  }

  /// The first round is at once.
  void start() {
    var _ =
        executor.scheduleWithFixedDelay(this::round, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      task.run();
      succeeded = true;
    } catch (RuntimeException | Error e) {
      succeeded = false;
      log.atWarn().addKeyValue("task", name).setCause(e).log("A round failed; the next follows");
    } finally {
      endedNanos = System.nanoTime();
    }
  }

  /// Since the last round's end, or the making of this where none has ended.
  Duration sinceEnd() {
    return Duration.ofNanos(System.nanoTime() - endedNanos);
  }

  /// Whether the last round ended well, and that is no longer ago than the next may take.
  boolean succeeds() {
    return succeeded && sinceEnd().compareTo(interval.plus(LONGEST)) < 0;
  }

  /// No round starts any more; one that runs is not interrupted, which would close its connection.
  @Override
  public void close() {
    executor.shutdown();
  }
}
