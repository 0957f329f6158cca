package dev.penstock.answers;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// Growing pauses between repeats, each spread by half so that workers do not repeat in step.
final class Backoff {
  private final Duration first;
  private final Duration longest;
  private Duration next;

  Backoff(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
    this.next = first;
  }

  /// The next pause.
  Duration next() {
    Duration pause = next;
    next = next.multipliedBy(2).compareTo(longest) > 0 ? longest : next.multipliedBy(2);
    return pause.multipliedBy(ThreadLocalRandom.current().nextInt(50, 101)).dividedBy(100);
  }

  void reset() {
    next = first;
  }
}
