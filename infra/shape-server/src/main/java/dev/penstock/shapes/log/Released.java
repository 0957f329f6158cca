package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.Visibility;

/// The last transactions that were released. WAL order is not visibility order: synchronous
/// replication can hold a transaction back after the log has it.
final class Released {
  private static final int SIZE = 1 << 16;

  private final long[] lsns = new long[SIZE];
  private final int[] xids = new int[SIZE];
  private long count;

  synchronized void add(long lsn, long xid) {
    int at = (int) (count++ % SIZE);
    lsns[at] = lsn;
    xids[at] = (int) xid;
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
