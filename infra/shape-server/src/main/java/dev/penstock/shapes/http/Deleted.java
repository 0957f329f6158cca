package dev.penstock.shapes.http;

import dev.penstock.shapes.shape.Handle;
import java.util.LinkedHashMap;
import java.util.Map;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// Shapes that were deleted on this instance, for tests: handles made before it are over. Other
/// instances do not know.
final class Deleted {
  private static final int MAX = 10_000;

  private final Sinks.Many<Long> deletions = Sinks.many().multicast().directBestEffort();
  private final Map<Long, Long> byDefinition =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > MAX;
        }
      };

  void delete(long definition, long nowMicros) {
    synchronized (this) {
      byDefinition.put(definition, nowMicros);
      var _ = deletions.tryEmitNext(definition);
    }
  }

  synchronized boolean contains(Handle handle) {
    Long at = byDefinition.get(handle.definition());
    return at != null && handle.createdMicros() <= at;
  }

  /// Completes when the handle is deleted.
  Mono<Long> of(Handle handle) {
    return deletions.asFlux().filter(definition -> definition == handle.definition()).next();
  }
}
