package dev.penstock.shapes.http;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Cross-origin headers, as Electric has them.
final class Cors {
  private static final String EXPOSED =
      "electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,"
          + "electric-up-to-date,electric-internal-known-error,retry-after";
  private static final List<String> ALLOWED = List.of("if-none-match", "traceparent");

  private Cors() {}

  static Answer put(Answer answer, @Nullable String origin, boolean shapeRoute) {
    return answer
        .with("access-control-allow-origin", origin == null ? "*" : origin)
        .with("access-control-expose-headers", EXPOSED)
        .with(
            "access-control-allow-methods",
            shapeRoute ? "GET, POST, HEAD, DELETE, OPTIONS" : "GET, HEAD");
  }

  static Answer preflight(@Nullable String requestedHeaders) {
    Answer answer =
        Answer.of(204, "").with("access-control-max-age", "86400").with("connection", "keep-alive");
    if (requestedHeaders != null) {
      List<String> allowed =
          Arrays.stream(requestedHeaders.toLowerCase(Locale.ROOT).split(",", -1))
              .map(String::strip)
              .filter(ALLOWED::contains)
              .toList();
      if (!allowed.isEmpty()) {
        answer.with("access-control-allow-headers", String.join(",", allowed));
      }
    }
    return answer;
  }
}
