package dev.penstock.shapes.http;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/// `electric-cursor`: the same for all live requests of one window, so that they share a URL, and
/// never the one that the request already had.
final class Cursor {
  private static final long EPOCH = Instant.parse("2024-10-09T00:00:00Z").getEpochSecond();

  private Cursor() {}

  static long next(Duration longPoll, long requested, Instant now) {
    long window = longPoll.toSeconds();
    if (window == 0) {
      return 0;
    }
    long next = Math.ceilDiv(now.getEpochSecond() - EPOCH, window) * window;
    return next > requested ? next : requested + ThreadLocalRandom.current().nextLong(1, 3_601);
  }
}
