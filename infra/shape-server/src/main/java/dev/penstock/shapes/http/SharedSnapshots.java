package dev.penstock.shapes.http;

import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.snapshot.Rows;
import dev.penstock.shapes.snapshot.SnapshotQuery;
import dev.penstock.shapes.snapshot.Snapshots;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

/// Initial snapshots with their handles. Requests for the same shape within a second share one,
/// where it is small enough to be held.
final class SharedSnapshots {
  private static final Duration SHARED = Duration.ofSeconds(1);
  private static final int MAX_SHARED = 500;

  private final Snapshots snapshots;
  private final Handles handles;
  private final Map<Key, Taken> taken = new ConcurrentHashMap<>();

  private record Key(long definition, UUID generation) {}

  /// A snapshot under its handle.
  record Initial(Handles.Named handle, Rows rows) {}

  /// One for several requests: the first to come may have it even if it is not whole.
  private record Taken(Mono<Initial> initial, long nanos) {}

  SharedSnapshots(Snapshots snapshots, Handles handles) {
    this.snapshots = snapshots;
    this.handles = handles;
  }

  /// @param least a shared one starts there or later
  /// @param fit whether a shared one is fit for this client
  Mono<Initial> initial(
      ShapeDefinition shape, Reading reading, long least, Predicate<Initial> fit) {
    Key key = new Key(shape.id(), reading.generation());
    long now = System.nanoTime();
    taken.values().removeIf(old -> now - old.nanos() > SHARED.toNanos());
    Mono<Initial> own = take(shape, reading);
    if (taken.size() >= MAX_SHARED) {
      return own;
    }
    Taken mine = new Taken(own.cache(), now);
    Taken first = taken.computeIfAbsent(key, _ -> mine);
    if (first.equals(mine)) {
      return mine.initial()
          .doOnNext(initial -> forget(key, mine, !initial.rows().isWhole()))
          .doOnError(_ -> forget(key, mine, true));
    }
    return first
        .initial()
        .filter(initial ->
            initial.rows().isWhole() && isGood(initial, reading, least) && fit.test(initial))
        .switchIfEmpty(
            Mono.defer(() -> {
              // What one client had refused is not for the next one.
              forget(key, first, true);
              return own;
            }));
  }

  private boolean isGood(Initial initial, Reading reading, long least) {
    return Long.compareUnsigned(initial.handle().handle().start(), least) >= 0
        && !reading.isRotated(initial.handle().handle())
        && !handles.isDeleted(initial.handle().handle());
  }

  private void forget(Key key, Taken entry, boolean really) {
    if (really) {
      taken.remove(key, entry);
    }
  }

  private Mono<Initial> take(ShapeDefinition shape, Reading reading) {
    return snapshots
        .take(shape, SnapshotQuery.all(shape), "", reading)
        .map(rows -> new Initial(handles.of(shape, rows, reading.generation()), rows));
  }
}
