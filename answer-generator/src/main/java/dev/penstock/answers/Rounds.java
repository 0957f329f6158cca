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

  private final String name;
  private final Runnable task;
  private final Duration interval;
  private final ScheduledExecutorService executor;

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
    } catch (RuntimeException | Error e) {
      log.atWarn().addKeyValue("task", name).setCause(e).log("A round failed; the next follows");
    }
  }

  /// No round starts any more; one that runs is not interrupted, which would close its connection.
  @Override
  public void close() {
    executor.shutdown();
  }
}
