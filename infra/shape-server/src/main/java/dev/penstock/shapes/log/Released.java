package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.Visibility;

/// The last transactions that were released. WAL order is not visibility order: synchronous
/// replication can hold a transaction back after the log has it.
final class Released {
  private static final int SIZE = 1 << 16;

  private final long[] lsns = new long[SIZE];
  private final int[] xids = new int[SIZE];
  private final long[] micros = new long[SIZE];
  private long count;
  private long settled = -SIZE;

  /// @param atMicros when, microseconds since 1970-01-01 UTC
  synchronized void add(long lsn, long xid, long atMicros) {
    int at = (int) (count++ % SIZE);
    lsns[at] = lsn;
    micros[at] = atMicros;
    xids[at] = (int) xid;
  }

  /// How many were released on this instance.
  synchronized long count() {
    return count;
  }

  /// Says that of everything that came before `mark` nothing is invisible any more.
  synchronized void settle(long mark) {
    settled = Math.max(settled, mark);
  }

  /// Whether everything between the last settled place and `mark` is still known here. Before the
  /// first, there may be what was released before this instance began.
  synchronized boolean isSettled(long mark) {
    return settled >= 0 && mark - settled < SIZE / 2;
  }

  /// When the transaction with this commit LSN was released here; -1 where it is not among the
  /// last.
  synchronized long releasedAt(long lsn) {
    long low = Math.max(0, count - SIZE);
    long high = count - 1;
    while (low <= high) {
      long middle = (low + high) >>> 1;
      int at = (int) (middle % SIZE);
      int order = Long.compareUnsigned(lsns[at], lsn);
      if (order == 0) {
        return micros[at];
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /// Whether a snapshot sees all that was released up to a position.
  synchronized boolean allVisible(Visibility visibility, long upTo) {
    for (long i = Math.max(0, count - SIZE); i < count; i++) {
      int at = (int) (i % SIZE);
      if (Long.compareUnsigned(lsns[at], upTo) <= 0 && !visibility.sees(xids[at])) {
        return false;
      }
    }
    return true;
  }
}
