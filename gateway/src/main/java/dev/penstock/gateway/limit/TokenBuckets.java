package dev.penstock.gateway.limit;

import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A token bucket for each name, at most so many at once. A bucket that is full again is forgotten,
/// which nobody can tell from keeping it; names for which there is still no room share one bucket.
final class TokenBuckets {
  private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

  private final Rate rate;
  private final int most;
  private final LongSupplier nanos;
  private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();
  private final Bucket shared;
  private final AtomicLong nextSweep;

  TokenBuckets(Rate rate, int most, LongSupplier nanos) {
    this.rate = rate;
    this.most = most;
    this.nanos = nanos;
    this.shared = new Bucket(nanos.getAsLong());
    this.nextSweep = new AtomicLong(nanos.getAsLong());
  }

  private final class Bucket {
    private double tokens = rate.burst();
    private long at;

    Bucket(long now) {
      at = now;
    }

    synchronized long take(long now) {
      refill(now);
      if (tokens >= 1) {
        tokens--;
        return 0;
      }
      return (long) Math.ceil((1 - tokens) / rate.perSecond() * 1e9);
    }

    synchronized boolean isFull(long now) {
      refill(now);
      return tokens >= rate.burst();
    }

    private void refill(long now) {
      // Two threads may come with their times in the other order.
      long passed = Math.max(0, now - at);
      tokens = Math.min(rate.burst(), tokens + passed / 1e9 * rate.perSecond());
      at = Math.max(at, now);
    }
  }

  /// Takes a token.
  ///
  /// @return zero where there was one, else after how long there will be
  Duration take(String name) {
    long now = nanos.getAsLong();
    Bucket bucket = buckets.get(name);
    if (bucket == null) {
      bucket = hasRoom(now) ? buckets.computeIfAbsent(name, _ -> new Bucket(now)) : shared;
    }
    return Duration.ofNanos(bucket.take(now));
  }

  int size() {
    return buckets.size();
  }

  private boolean hasRoom(long now) {
    if (buckets.size() < most) {
      return true;
    }
    long due = nextSweep.get();
    if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEEP_NANOS)) {
      for (Iterator<Bucket> all = buckets.values().iterator(); all.hasNext(); ) {
        if (all.next().isFull(now)) {
          all.remove();
        }
      }
    }
    return buckets.size() < most;
  }
}
