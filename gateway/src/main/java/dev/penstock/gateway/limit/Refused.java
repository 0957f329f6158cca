package dev.penstock.gateway.limit;

import java.time.Duration;

/// A request is over a limit; the same one may pass later.
///
/// @param status 429 for a limit of the caller's own, 503 for one of the gateway's
/// @param code as Electric names such things
/// @param after which to try again
public record Refused(int status, String code, String message, Duration after) {
  /// For `retry-after`: whole seconds, at least one.
  public long seconds() {
    return Math.max(1, after.plusMillis(999).toSeconds());
  }
}
