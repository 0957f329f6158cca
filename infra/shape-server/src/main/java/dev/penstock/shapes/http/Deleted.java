package dev.penstock.shapes.http;

import dev.penstock.shapes.shape.Handle;
import java.util.LinkedHashMap;
import java.util.Map;

/// Shapes that were deleted on this instance, for tests: handles made before it are over. Other
/// instances do not know.
final class Deleted {
  private static final int MAX = 10_000;

  private final Map<Long, Long> byDefinition =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > MAX;
        }
      };

  synchronized void delete(long definition, long nowMicros) {
    byDefinition.put(definition, nowMicros);
  }

  synchronized boolean contains(Handle handle) {
    Long at = byDefinition.get(handle.definition());
    return at != null && handle.createdMicros() <= at;
  }
}
