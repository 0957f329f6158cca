package dev.penstock.gateway.limit;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// How many requests each name has under way. A name without one takes no memory.
final class HeldRequests {
  private final int most;
  private final ConcurrentMap<String, Integer> held = new ConcurrentHashMap<>();

  HeldRequests(int most) {
    this.most = most;
  }

  /// Counts one more, if there may be one; [#leave] takes it back.
  boolean enter(String name) {
    boolean[] entered = new boolean[1];
    held.compute(
        name,
        (_, count) -> {
          int now = count == null ? 0 : count;
          entered[0] = now < most;
          return entered[0] ? Integer.valueOf(now + 1) : count;
        });
    return entered[0];
  }

  void leave(String name) {
    held.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1);
  }

  int size() {
    return held.size();
  }
}
