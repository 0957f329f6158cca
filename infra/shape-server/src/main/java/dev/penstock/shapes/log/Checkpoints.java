package dev.penstock.shapes.log;

import dev.penstock.contracts.log.ReaderState;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Places from which the log can be read again, thinned out when they become many, and about how
/// many bytes of the log lie behind each.
final class Checkpoints {
  private static final int MAX = 4_096;
  private static final long EVERY_BYTES = 1 << 20;

  private final TreeMap<Long, Place> places = new TreeMap<>(Long::compareUnsigned);
  private long read;
  private long offered;
  private long noneUpTo;

  /// @param at how much of the log this instance had read there, negative before it began
  private record Place(ReaderState state, long at) {}

  Checkpoints(ReaderState begin) {
    places.put(begin.point().commitLsn(), new Place(begin, 0));
  }

  /// Offers a place, `more` bytes of the log behind the last one offered.
  synchronized void offer(ReaderState state, long more) {
    read += more;
    if (read - offered >= EVERY_BYTES) {
      offered = read;
      put(new Place(state, read));
    }
  }

  /// Adds a place that a catch-up came by: between the known ones its distance is not known.
  synchronized void add(ReaderState state) {
    Map.Entry<Long, Place> before = places.floorEntry(state.point().commitLsn());
    put(new Place(state, before == null ? 0 : before.getValue().at()));
  }

  /// Adds a place that lies so many bytes before this instance's beginning.
  synchronized void addBefore(ReaderState state, long bytes) {
    put(new Place(state, -bytes));
  }

  private void put(Place place) {
    if (places.size() == MAX) {
      Iterator<Long> keys = places.keySet().iterator();
      // The first one stays: nothing before it is known.
      keys.next();
      for (boolean drop = true; keys.hasNext(); drop = !drop) {
        keys.next();
        if (drop) {
          keys.remove();
        }
      }
    }
    places.put(place.state().point().commitLsn(), place);
  }

  /// The latest place that is not behind this position.
  synchronized @Nullable ReaderState before(long lsn, boolean inclusive) {
    Place place = place(lsn, inclusive);
    return place == null ? null : place.state();
  }

  private @Nullable Place place(long lsn, boolean inclusive) {
    Map.Entry<Long, Place> entry = inclusive ? places.lowerEntry(lsn) : places.floorEntry(lsn);
    return entry == null ? null : entry.getValue();
  }

  /// About how much of the log lies behind a position.
  synchronized long behind(long lsn, boolean inclusive) {
    Place place = place(lsn, inclusive);
    return read - (place == null ? 0 : place.at());
  }

  /// Where this instance began to read, or could have.
  synchronized ReaderState first() {
    return places.firstEntry().getValue().state();
  }

  /// Remembers that there is no place at or before a position.
  synchronized void none(long lsn) {
    noneUpTo = Long.compareUnsigned(lsn, noneUpTo) > 0 ? lsn : noneUpTo;
  }

  synchronized boolean isNone(long lsn) {
    return Long.compareUnsigned(lsn, noneUpTo) <= 0;
  }
}
