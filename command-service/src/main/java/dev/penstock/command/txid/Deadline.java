package dev.penstock.command.txid;

import java.time.Duration;

/// The bounds of one search: its time and the records that it may read.
final class Deadline {
  private final long endNanos;
  private long records;

  Deadline(Duration length, long records) {
    this.endNanos = System.nanoTime() + length.toNanos();
    this.records = records;
  }

  /// @throws TracerBusyException if one of them is used up
  void spend(long read) {
    records -= read;
    if (records < 0) {
      throw new TracerBusyException(
          "scan-limit", "The transaction is further on in the log than one request may read.");
    }
    if (System.nanoTime() - endNanos > 0) {
      throw new TracerBusyException("timeout", "The log could not be searched in time.");
    }
  }
}
