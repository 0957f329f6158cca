package dev.penstock.shapes.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The recent transactions, bounded by their bytes.
final class Window {
  private final long limit;
  private final Deque<Recent> transactions = new ArrayDeque<>();
  private long from;
  private long bytes;

  /// @param from the position behind which it has everything
  Window(long from, long limit) {
    this.from = from;
    this.limit = limit;
  }

  synchronized void add(Recent recent) {
    transactions.addLast(recent);
    bytes += recent.bytes();
    while (bytes > limit) {
      Recent first = transactions.removeFirst();
      bytes -= first.bytes();
      from = first.lsn();
    }
  }

  /// The transactions behind a position; null if it does not reach back to it.
  synchronized @Nullable List<Recent> after(long lsn, boolean inclusive) {
    int order = Long.compareUnsigned(lsn, from);
    if (order < 0 || (inclusive && order == 0 && lsn != 0)) {
      return null;
    }
    List<Recent> found = new ArrayList<>();
    var newestFirst = transactions.descendingIterator();
    while (newestFirst.hasNext()) {
      Recent recent = newestFirst.next();
      int at = Long.compareUnsigned(recent.lsn(), lsn);
      if (at < 0 || (at == 0 && !inclusive)) {
        break;
      }
      found.add(recent);
    }
    return found.reversed();
  }

  synchronized long from() {
    return from;
  }

  synchronized long bytes() {
    return bytes;
  }
}
