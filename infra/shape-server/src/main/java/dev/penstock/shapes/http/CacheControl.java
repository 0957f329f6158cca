package dev.penstock.shapes.http;

/// `cache-control` of shape responses, to the letter.
final class CacheControl {
  private CacheControl() {}

  static void put(Answer answer, ShapeParameters request, boolean post, ProtocolSettings settings) {
    int status = answer.status();
    if (post || (request.subset() != null && status != 409)) {
      answer.with("cache-control", "no-cache");
    } else if (status == 409) {
      answer.with(
          "cache-control",
          answer.headers().containsKey("electric-handle")
              ? "public, max-age=60, must-revalidate"
              : "public, max-age=1, must-revalidate");
    } else if (request.requested().equals("-1")) {
      answer.with(
          "cache-control", "public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746");
    } else if (request.live() && request.sse()) {
      answer.with(
          "cache-control",
          "public, max-age=" + Math.max(1, settings.sseDuration().toSeconds() - 1));
    } else if (request.live()) {
      answer.with("cache-control", "public, max-age=5, stale-while-revalidate=5");
    } else {
      answer.with(
          "cache-control",
          "public, max-age=%d, stale-while-revalidate=%d"
              .formatted(settings.maxAge().toSeconds(), settings.staleAge().toSeconds()));
    }
  }
}
