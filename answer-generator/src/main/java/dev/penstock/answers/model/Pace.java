package dev.penstock.answers.model;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Keeps this instance's requests to one provider apart, and away while the provider wants none.
final class Pace {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final long intervalNanos;
  private long nextNanos = System.nanoTime();

  /// @param requestsPerMinute 0 for no limit
  Pace(int requestsPerMinute) {
    this.intervalNanos =
        requestsPerMinute == 0 ? 0 : TimeUnit.MINUTES.toNanos(1) / requestsPerMinute;
  }

  /// Waits for this request's turn.
  void await() throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(turn());
  }

  private synchronized long turn() {
    long now = System.nanoTime();
    long turn = Math.max(now, nextNanos);
    nextNanos = turn + intervalNanos;
    return turn - now;
  }

  /// The provider refused a request: the next ones wait too, a bounded time.
  synchronized void pause(Duration asked) {
    long end = System.nanoTime() + (asked.compareTo(LONGEST) > 0 ? LONGEST : asked).toNanos();
    nextNanos = Math.max(nextNanos, end);
  }
}
