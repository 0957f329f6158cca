package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.Handle;
import java.util.ArrayList;
import java.util.List;

/// Places of the log at which something was rotated. Thread-safe.
///
/// Beyond a number of marks the oldest go: a handle older than them has a later mark too, since
/// later transactions are in no older snapshot.
final class Marks {
  private static final int MAX = 64;

  private record Mark(long lsn, long xid) {}

  private final List<Mark> marks = new ArrayList<>();

  synchronized void add(long lsn, long xid) {
    if (marks.size() == MAX) {
      marks.removeFirst();
    }
    marks.add(new Mark(lsn, xid));
  }

  /// Whether the handle's stream runs into one of them.
  synchronized boolean rotate(Handle handle) {
    for (Mark mark : marks) {
      if (handle.delivers(mark.lsn(), mark.xid())) {
        return true;
      }
    }
    return false;
  }
}
