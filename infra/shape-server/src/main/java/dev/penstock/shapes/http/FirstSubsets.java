package dev.penstock.shapes.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// Where streams begin that start with a subset.
///
/// A client that has no stream yet asks for several subsets at once, each with `offset=now`, and
/// goes on from the handle that came last
/// ([`requestSnapshot`](https://github.com/electric-sql/electric/blob/main/packages/typescript-client/src/client.ts)).
/// If each handle began at its own subset's snapshot, the client would never hear of what happened
/// between two of them to the rows of the earlier one. So those of one shape begin where the
/// earliest of the last [#TOGETHER] did; what a subset already has, the client passes over.
///
/// Known to this instance only, and for the [#MOST] shapes that were started last.
final class FirstSubsets {
  /// For as long as a client repeats a request that was refused a few times.
  static final Duration TOGETHER = Duration.ofSeconds(15);

  static final int MOST = 10_000;

  private final Map<Key, Start> starts =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Start> eldest) {
          return size() > MOST;
        }
      };

  private record Key(long definition, UUID generation) {}

  /// @param earliest of the period before, at which another begins where this one does
  private record Start(long earliest, long position, long nanos) {}

  /// The position of a stream that starts now with a subset taken at a position: at most this, and
  /// at most twice [#TOGETHER] old.
  synchronized long of(long definition, UUID generation, long position, long nanos) {
    Key key = new Key(definition, generation);
    Start last = starts.get(key);
    long age = last == null ? Long.MAX_VALUE : nanos - last.nanos();
    if (last != null && age < TOGETHER.toNanos()) {
      return least(last.earliest(), position);
    }
    long earliest =
        last != null && age < 2 * TOGETHER.toNanos() ? least(last.position(), position) : position;
    starts.remove(key);
    starts.put(key, new Start(earliest, position, nanos));
    return earliest;
  }

  private static long least(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? a : b;
  }
}
