package dev.penstock.gateway.collapse;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Names of the readers that were cut a short while ago; the oldest are forgotten first.
final class LatelyCut {
  private static final int MOST = 10_000;

  private final long nanos;
  private final Map<String, Long> times =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST;
        }
      };

  LatelyCut(Duration time) {
    this.nanos = time.toNanos();
  }

  synchronized void add(String name) {
    times.remove(name);
    times.put(name, System.nanoTime());
  }

  synchronized boolean contains(String name) {
    Long cut = times.get(name);
    if (cut != null && System.nanoTime() - cut > nanos) {
      times.remove(name);
      return false;
    }
    return cut != null;
  }
}
