package dev.penstock.bridge;

import java.time.Duration;

/// How long the log has stood still although there was WAL for it: told of every sample, by one
/// thread; asked by any.
///
/// It stands still while it has acknowledged no record at all: a transaction of many records is on
/// its way, however long it takes. WAL that is of no concern to the log is passed by a progress
/// record, so the limit must be longer than the interval of those.
final class WalProgress {
  /// Beyond the interval of the progress records.
  private static final Duration MARGIN = Duration.ofSeconds(4);

  private final Duration limit;
  private long acknowledgedOffset = -1;
  private volatile boolean waiting;
  private volatile long movedNanos = System.nanoTime();

  WalProgress(Duration progressEvery) {
    limit = progressEvery.plus(MARGIN);
  }

  /// @param writtenLsn the end of the WAL
  /// @param reachedLsn up to where the log has it; that end itself where this instance does not
  ///   lead
  /// @param offset of the last record that the log has acknowledged
  void sampled(long writtenLsn, long reachedLsn, long offset, long nanos) {
    waiting = Long.compareUnsigned(reachedLsn, writtenLsn) < 0;
    if (!waiting || offset != acknowledgedOffset) {
      movedNanos = nanos;
    }
    acknowledgedOffset = offset;
  }

  /// Zero where nothing waits.
  Duration standsStill(long nanos) {
    return waiting ? Duration.ofNanos(nanos - movedNanos) : Duration.ZERO;
  }

  boolean moves(long nanos) {
    return standsStill(nanos).compareTo(limit) < 0;
  }
}
