package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.Visibility;

/// The last transactions that were released. WAL order is not visibility order: synchronous
/// replication can hold a transaction back after the log has it.
final class Released {
  private static final int SIZE = 1 << 16;

  private final long[] lsns = new long[SIZE];
  private final int[] xids = new int[SIZE];
  private long count;
  private long settled = -SIZE;

  synchronized void add(long lsn, long xid) {
    int at = (int) (count++ % SIZE);
    lsns[at] = lsn;
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
