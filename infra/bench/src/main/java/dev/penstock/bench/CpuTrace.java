package dev.penstock.bench;

import java.io.UncheckedIOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// What CPU a service had used at each time since its start.
final class CpuTrace {
  private static final long STEP_NANOS = 40_000_000;

  private final NavigableMap<Long, Double> seconds = new ConcurrentSkipListMap<>();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Thread thread;

  CpuTrace(Service service) {
    seconds.put(0L, 0.0);
    thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!stop.get()) {
                // Not at once: a JVM that has just been started cannot be asked.
                LockSupport.parkNanos(STEP_NANOS);
                sample(service);
              }
            });
  }

  private void sample(Service service) {
    try {
      seconds.put(System.currentTimeMillis(), service.cpuSeconds());
    } catch (UncheckedIOException | UndeclaredThrowableException e) {
      // Not yet, or no more: then whoever waits for it says so.
    }
  }

  /// Seconds of CPU between two times in milliseconds of the epoch.
  double between(long from, long to) {
    return seconds.floorEntry(to).getValue() - seconds.floorEntry(from).getValue();
  }

  /// Before the service ends.
  void end() {
    stop.set(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
