package dev.penstock.shapes.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// How many requests may be under way at once: those that need a snapshot, and the others.
final class Admission {
  private final Gate initial;
  private final Gate existing;

  Admission(ProtocolSettings settings, MeterRegistry meters) {
    initial = new Gate("initial", settings.initialRequests(), meters);
    existing = new Gate("existing", settings.existingRequests(), meters);
  }

  /// Lets the request in, or refuses it.
  ///
  /// @param first whether it may need a snapshot
  /// @return to be run once when the request is done
  Runnable enter(boolean first) {
    return (first ? initial : existing).enter();
  }

  private static final class Gate {
    private final String kind;
    private final int limit;
    private final Counter refused;
    private final AtomicInteger inside = new AtomicInteger();

    Gate(String kind, int limit, MeterRegistry meters) {
      this.kind = kind;
      this.limit = limit;
      refused = meters.counter("penstock.shapes.requests.refused", "kind", kind);
      meters.gauge(
          "penstock.shapes.requests", io.micrometer.core.instrument.Tags.of("kind", kind), inside);
    }

    Runnable enter() {
      if (inside.incrementAndGet() > limit) {
        inside.decrementAndGet();
        refused.increment();
        throw Refusal.overloaded(kind, limit, ThreadLocalRandom.current().nextInt(6, 11));
      }
      return inside::decrementAndGet;
    }
  }
}
