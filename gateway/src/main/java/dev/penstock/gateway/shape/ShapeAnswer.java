package dev.penstock.gateway.shape;

import dev.penstock.gateway.http.Answers;
import dev.penstock.gateway.http.Upstream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;

/// Which answers of the upstream pass, and with which headers.
final class ShapeAnswer {
  // 401 and 403 of the upstream speak of the gateway's own secret: a client would take them for its
  // token's. 404 and redirects mean a wrong URL.
  private static final Set<Integer> PASSING =
      Set.of(200, 202, 204, 304, 400, 409, 413, 414, 429, 503);
  private static final Set<String> HEADERS =
      Set.of("retry-after", "etag", "content-type", "content-encoding");
  private static final Pattern MAX_AGE = Pattern.compile("(?:^|[\\s,])max-age=(\\d{1,9})");

  private ShapeAnswer() {}

  static boolean passes(int status, ShapeRequest request) {
    // A 304 for an unconditional request is a failure to the client.
    return PASSING.contains(status) && (status != 304 || !request.ifNoneMatch().isEmpty());
  }

  /// For how long the upstream lets a shared cache give this answer to others.
  static Duration sharedLife(Upstream.Head head) {
    String control = head.headers().get(HttpHeaders.CACHE_CONTROL, "").toLowerCase(Locale.ROOT);
    Matcher maxAge = MAX_AGE.matcher(control);
    return control.contains("public") && !control.contains("no-store") && maxAge.find()
        ? Duration.ofSeconds(Long.parseLong(maxAge.group(1)))
        : Duration.ZERO;
  }

  /// Takes over what a client needs and nothing else.
  ///
  /// @param remaining life of the token: nothing may be reused from a cache beyond it
  static void copyHeaders(
      Upstream.Head head,
      ShapeQuery query,
      boolean subset,
      Duration remaining,
      HttpHeaders answer) {
    for (Map.Entry<String, String> header : head.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith("electric-") || HEADERS.contains(name)) {
        answer.set(name, header.getValue());
      }
    }
    if (head.status() == 503 && !answer.containsHeader(HttpHeaders.RETRY_AFTER)) {
      answer.set(HttpHeaders.RETRY_AFTER, "1");
    }
    Answers.varyByToken(answer);
    answer.set(
        HttpHeaders.CACHE_CONTROL,
        cacheControl(
            head.status(),
            head.headers().get(HttpHeaders.CACHE_CONTROL, ""),
            query,
            subset,
            remaining));
    if (query.sse()) {
      answer.set("X-Accel-Buffering", "no");
    }
  }

  /// Puts the headers of an answer to a poll that has neither rows nor the word that there are
  /// none: the client asks on from where it is.
  ///
  /// @return whether the query has what they say
  static boolean isNothing(ShapeQuery query, HttpHeaders answer) {
    String handle = query.protocol().get("handle");
    String offset = query.protocol().get("offset");
    if (handle == null || offset == null) {
      return false;
    }
    answer.set("electric-handle", handle);
    answer.set("electric-offset", offset);
    answer.set("electric-cursor", query.protocol().getOrDefault("cursor", "0"));
    return true;
  }

  /// Electric says `public` for a week, and a shared cache may reuse that even for a request with
  /// another token; so does a browser for its next user.
  static String cacheControl(
      int status, String upstream, ShapeQuery query, boolean subset, Duration remaining) {
    Matcher maxAge = MAX_AGE.matcher(upstream.toLowerCase(Locale.ROOT));
    if (status >= 400
        || query.initial()
        || query.sse()
        || subset
        || upstream.contains("no-store")
        || !maxAge.find()) {
      return "private, no-store";
    }
    long seconds = Math.min(Long.parseLong(maxAge.group(1)), Math.max(0, remaining.toSeconds()));
    return "private, max-age=" + seconds;
  }
}
