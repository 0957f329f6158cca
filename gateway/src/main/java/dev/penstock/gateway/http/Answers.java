package dev.penstock.gateway.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/// The gateway's own answers; none of them is ever stored by a cache.
public final class Answers {
  private Answers() {}

  /// Writes an RFC 9457 problem.
  ///
  /// @param field the JSON path or name of what is wrong, null where it is nothing in particular
  public static Mono<Void> problem(
      ServerHttpResponse response, int status, String detail, @Nullable String field) {
    return write(response, status, "application/problem+json", problem(status, detail, field));
  }

  static byte[] problem(int status, String detail, @Nullable String field) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    HttpStatus known = HttpStatus.resolve(status);
    problem.put("title", known == null ? "Error" : known.getReasonPhrase());
    problem.put("status", status);
    problem.put("detail", detail);
    if (field != null) {
      problem.put("field", field);
    }
    return StrictJson.bytes(problem);
  }

  /// A problem that goes away: 503 with `retry-after`.
  ///
  /// @param seconds after which to try again
  public static Mono<Void> unavailable(ServerHttpResponse response, String detail, int seconds) {
    response.getHeaders().set(HttpHeaders.RETRY_AFTER, Integer.toString(seconds));
    return problem(response, 503, detail, null);
  }

  /// Refuses a request in the form of its call: Electric's on `/shape`, else a problem.
  ///
  /// @param code as Electric names such things
  public static Mono<Void> refuse(
      ServerHttpRequest request,
      ServerHttpResponse response,
      int status,
      String code,
      String detail) {
    return ShapePath.is(request)
        ? json(response, status, Map.of("code", code, "message", detail))
        : problem(response, status, detail, null);
  }

  /// For a cache that stores what it must not: one token's answer is not another's, be it rows or a
  /// refusal. In one line, whatever a cache makes of a second one.
  public static void varyByToken(HttpHeaders headers) {
    List<String> names = new ArrayList<>(headers.getVary());
    if (!names.contains(HttpHeaders.AUTHORIZATION)) {
      names.add(HttpHeaders.AUTHORIZATION);
    }
    headers.setVary(names);
  }

  public static Mono<Void> json(ServerHttpResponse response, int status, Map<String, ?> body) {
    return write(response, status, "application/json", StrictJson.bytes(body));
  }

  /// An answer of `/shape` without a message: an empty list, or an event stream that ends.
  public static Mono<Void> noMessages(ServerHttpResponse response, boolean stream) {
    return stream
        ? write(response, 200, "text/event-stream", new byte[0])
        : write(response, 200, "application/json", new byte[] {'[', ']'});
  }

  private static Mono<Void> write(
      ServerHttpResponse response, int status, String contentType, byte[] body) {
    response.setStatusCode(HttpStatusCode.valueOf(status));
    HttpHeaders headers = response.getHeaders();
    headers.set(HttpHeaders.CONTENT_TYPE, contentType);
    headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
    varyByToken(headers);
    headers.setContentLength(body.length);
    return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
  }
}
