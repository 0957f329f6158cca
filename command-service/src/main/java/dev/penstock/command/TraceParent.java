package dev.penstock.command;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The W3C Trace Context header of a request.
final class TraceParent {
  private static final Pattern VALID =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private TraceParent() {}

  /// The one valid value, or null: a trace that is not valid is none, by the recommendation's rule.
  static @Nullable String of(List<String> values) {
    return values.size() == 1 && VALID.matcher(values.getFirst()).matches()
        ? values.getFirst()
        : null;
  }
}
