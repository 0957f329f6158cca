package dev.penstock.answers;

import java.time.Duration;

/// When the row of a growing answer is written: never more often than each interval, never so that
/// all writes of the row, the final one included, are more than a multiple of the final text, and
/// where it can wait, at the end of a sentence.
///
/// The final text is unknown but never shorter than the text now, `n` bytes. So with `w` bytes
/// written before and the final write still to come, a write of `n` is allowed while `w + n ≤
/// (multiple - 1) * n`. For a multiple of 3 that doubles the step each time: no rule that rewrites
/// whole rows and keeps the bound at every moment can write more often.
final class Growth {
  /// @param interval between two writes; a third of a second leaves room for the final write in
  ///   four per second
  /// @param sentencePatience how long an allowed write waits for the end of a sentence
  /// @param multiple of the final text that all writes may have, at least 2
  record Limits(Duration interval, Duration sentencePatience, double multiple) {}

  static final long NOW = 0;
  static final long NOT_YET = Long.MAX_VALUE;

  private final Limits limits;
  private final long intervalNanos;
  private final long patienceNanos;
  private long written;
  private int rowBytes;
  private long lastNanos;
  private long allowedSince = NOT_YET;

  /// @param written bytes of text in all earlier writes of the row
  /// @param rowBytes of the text in the row now
  /// @param nowNanos as `System.nanoTime()`
  Growth(Limits limits, long written, int rowBytes, long nowNanos) {
    this.limits = limits;
    this.intervalNanos = limits.interval().toNanos();
    this.patienceNanos = limits.sentencePatience().toNanos();
    this.written = written;
    this.rowBytes = rowBytes;
    // The one before may have written just now.
    this.lastNanos = written == 0 ? nowNanos - intervalNanos : nowNanos;
  }

  /// Whether the bound holds if the row is written now.
  private boolean affordable(int bytes) {
    return bytes > rowBytes && written + bytes <= (limits.multiple() - 1) * bytes;
  }

  /// How long to wait with a text of so many bytes: [#NOW], nanoseconds, or [#NOT_YET], that is
  /// until it has grown.
  long wait(int bytes, boolean sentenceEnd, long nowNanos) {
    if (!affordable(bytes)) {
      return NOT_YET;
    }
    if (allowedSince == NOT_YET) {
      allowedSince = Math.max(nowNanos, lastNanos + intervalNanos);
    }
    // The first words at once: someone looks at an empty bubble.
    long due = rowBytes == 0 || sentenceEnd ? 0 : patienceNanos;
    return Math.max(NOW, Math.max(allowedSince + due, lastNanos + intervalNanos) - nowNanos);
  }

  /// Whether the row may be written now, wherever in a sentence.
  boolean allows(int bytes, long nowNanos) {
    return affordable(bytes) && nowNanos - lastNanos >= intervalNanos;
  }

  void wrote(int bytes, long nowNanos) {
    written += bytes;
    rowBytes = bytes;
    postpone(nowNanos);
  }

  /// The write failed; the next is due no sooner than after a successful one.
  void postpone(long nowNanos) {
    lastNanos = nowNanos;
    allowedSince = NOT_YET;
  }

  long written() {
    return written;
  }
}
