package dev.penstock.shapes.log;

import java.util.ArrayDeque;
import java.util.Deque;

/// How long ago everything that this instance has read was all of the log, by its own clock. Fed by
/// the tail's thread; a thread that hangs shows as a lag that grows.
final class Lag {
  private static final int MAX_SAMPLES = 64;

  private final Deque<Sample> ahead = new ArrayDeque<>();
  private volatile long caughtUpNanos = System.nanoTime();

  /// Where the log ended at a time.
  private record Sample(long endOffset, long nanos) {}

  void sample(long endOffset) {
    if (ahead.size() == MAX_SAMPLES) {
      ahead.removeLast();
    }
    ahead.addLast(new Sample(endOffset, System.nanoTime()));
  }

  /// Says that everything before an offset was read.
  void reached(long nextOffset) {
    Sample first = ahead.peekFirst();
    while (first != null && first.endOffset() <= nextOffset) {
      caughtUpNanos = first.nanos();
      ahead.removeFirst();
      first = ahead.peekFirst();
    }
  }

  long nanos() {
    return System.nanoTime() - caughtUpNanos;
  }
}
