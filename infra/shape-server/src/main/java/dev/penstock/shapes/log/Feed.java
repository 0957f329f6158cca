package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.Batch;
import dev.penstock.shapes.shape.ChangeWriter;
import dev.penstock.shapes.shape.ShapeDefinition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One shape's recent messages on this instance, and who waits for more.
///
/// Has everything behind `from`; what is older is evaluated again. Batches are added by the tail's
/// thread alone.
final class Feed {
  private final ShapeDefinition shape;
  private final ChangeWriter writer;
  private final Marks rotated = new Marks();
  private final Deque<Entry> entries = new ArrayDeque<>();
  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private final long born;
  private long from;
  private long bytes;
  private boolean retired;
  private long usedNanos = System.nanoTime();

  /// A transaction that has something for this shape.
  record Entry(long lsn, long xid, Batch batch) {}

  Feed(ShapeDefinition shape, long from) {
    this.shape = shape;
    this.from = from;
    born = from;
    writer = new ChangeWriter(shape);
  }

  ShapeDefinition shape() {
    return shape;
  }

  /// For the tail's thread only.
  ChangeWriter writer() {
    return writer;
  }

  /// Whether the transaction belongs into this feed, and not before it.
  boolean takes(long lsn) {
    return Long.compareUnsigned(lsn, born) > 0;
  }

  Marks rotated() {
    return rotated;
  }

  /// Says that it is used; false if it is retired, so that another one has to be taken.
  synchronized boolean touch() {
    usedNanos = System.nanoTime();
    return !retired;
  }

  /// Retires it if nobody has used it for so long: nothing is added to it any more.
  synchronized boolean retire(long nanos) {
    retired |= waiting.isEmpty() && System.nanoTime() - usedNanos > nanos;
    return retired;
  }

  /// The position behind which it has everything.
  synchronized long from() {
    return from;
  }

  /// Adds a transaction's messages and forgets the oldest beyond `limit` bytes.
  ///
  /// @return by how much the memory in use has grown
  synchronized long append(Entry entry, long limit) {
    long before = bytes;
    entries.addLast(entry);
    bytes += entry.batch().byteSize();
    while (bytes > limit && entries.size() > 1) {
      dropFirst();
    }
    return bytes - before;
  }

  /// Forgets everything up to a position, which the shape's readers evaluate for themselves.
  ///
  /// @return by how much the memory in use has shrunk
  synchronized long forget(long lsn) {
    long before = bytes;
    entries.clear();
    bytes = 0;
    from = lsn;
    return before;
  }

  /// The entries behind a position; null if this feed does not reach back to it.
  synchronized @Nullable List<Entry> after(long lsn, boolean inclusive) {
    int order = Long.compareUnsigned(lsn, from);
    if (order < 0 || (inclusive && order == 0)) {
      return null;
    }
    List<Entry> found = new ArrayList<>();
    var newestFirst = entries.descendingIterator();
    while (newestFirst.hasNext()) {
      Entry entry = newestFirst.next();
      int at = Long.compareUnsigned(entry.lsn(), lsn);
      if (at < 0 || (at == 0 && !inclusive)) {
        break;
      }
      found.add(entry);
    }
    return found.reversed();
  }

  /// Calls `waiter` once something was added behind `lsn`; at once if there is something already.
  synchronized boolean park(long lsn, Runnable waiter) {
    Entry last = entries.peekLast();
    boolean news = last != null && Long.compareUnsigned(last.lsn(), lsn) > 0;
    if (retired || news || Long.compareUnsigned(from, lsn) > 0) {
      return false;
    }
    waiting.add(waiter);
    return true;
  }

  synchronized void leave(Runnable waiter) {
    waiting.remove(waiter);
  }

  synchronized List<Runnable> release() {
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<Runnable> released = new ArrayList<>(waiting);
    waiting.clear();
    return released;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  private void dropFirst() {
    Entry first = entries.removeFirst();
    bytes -= first.batch().byteSize();
    from = first.lsn();
  }
}
