package dev.penstock.shapes.log;

import dev.penstock.contracts.log.ReaderState;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Places from which the log can be read again, thinned out when they become many.
final class Checkpoints {
  private static final int MAX = 4_096;
  private static final long EVERY_BYTES = 1 << 20;

  private final TreeMap<Long, ReaderState> states = new TreeMap<>(Long::compareUnsigned);
  private long bytes = EVERY_BYTES;

  /// Offers a place, `more` bytes of the log behind the last one offered.
  synchronized void offer(ReaderState state, long more) {
    bytes += more;
    if (bytes >= EVERY_BYTES) {
      bytes = 0;
      add(state);
    }
  }

  synchronized void add(ReaderState state) {
    if (states.size() == MAX) {
      Iterator<Long> keys = states.keySet().iterator();
      for (boolean drop = false; keys.hasNext(); drop = !drop) {
        keys.next();
        if (drop) {
          keys.remove();
        }
      }
    }
    states.put(state.point().commitLsn(), state);
  }

  /// The latest place that is not behind this position.
  synchronized @Nullable ReaderState before(long lsn, boolean inclusive) {
    Map.Entry<Long, ReaderState> entry =
        inclusive ? states.lowerEntry(lsn) : states.floorEntry(lsn);
    return entry == null ? null : entry.getValue();
  }
}
