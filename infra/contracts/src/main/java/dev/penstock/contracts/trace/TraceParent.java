package dev.penstock.contracts.trace;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A W3C trace context, as it travels in HTTP, in the WAL's `penstock.trace` and in Kafka's
/// headers.
///
/// @param traceId 32 hexadecimal digits
/// @param spanId 16, of the span under which the next one is made
record TraceParent(String traceId, String spanId, boolean sampled) {
  private static final int LENGTH = 55;
  private static final Pattern VALID =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  /// Empty for what is none: whoever may write to the database may have made it up.
  static Optional<TraceParent> of(@Nullable String text) {
    if (text == null || text.length() != LENGTH || !VALID.matcher(text).matches()) {
      return Optional.empty();
    }
    boolean sampled = (Character.digit(text.charAt(LENGTH - 1), 16) & 1) == 1;
    return Optional.of(new TraceParent(text.substring(3, 35), text.substring(36, 52), sampled));
  }

  @Override
  public String toString() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
