package dev.penstock.gateway.http;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/// Before everything else, so that errors have it too: CORS and the headers of every answer.
///
/// Without CORS headers on an error the browser hides its status, and the shape client would retry
/// a 401 for ever as if the network had failed.
public final class EdgeFilter implements RequestFilter {
  // Electric's own list lacks electric-snapshot.
  private static final String EXPOSED =
      "electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,"
          + "electric-snapshot,electric-up-to-date,electric-internal-known-error,retry-after,etag";
  private static final String REQUEST_HEADERS =
      "authorization,content-type,if-none-match,traceparent";

  private final List<String> origins;
  private final Function<ServerHttpRequest, Set<HttpMethod>> methods;

  /// @param origins that may read answers, besides the page's own
  /// @param methods of the call at a request's path, empty where there is none
  public EdgeFilter(List<String> origins, Function<ServerHttpRequest, Set<HttpMethod>> methods) {
    this.origins = List.copyOf(origins);
    this.methods = methods;
  }

  @Override
  public @Nullable Mono<Void> answer(ServerHttpRequest request, ServerHttpResponse response) {
    HttpHeaders answer = response.getHeaders();
    answer.set("X-Content-Type-Options", "nosniff");
    answer.set("Referrer-Policy", "no-referrer");
    if (origins.isEmpty()) {
      return null;
    }
    answer.add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    HttpHeaders asked = request.getHeaders();
    @Nullable String origin = asked.getOrigin();
    if (origin == null || !origins.contains(origin)) {
      return null;
    }
    answer.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answer.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if (request.getMethod().equals(HttpMethod.OPTIONS)
        && asked.containsHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD)) {
      answer.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, allowed(request));
      answer.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
      answer.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "86400");
      response.setStatusCode(HttpStatus.NO_CONTENT);
      return response.setComplete();
    }
    return null;
  }

  /// What may be asked at the path. Not `DELETE` of a shape: to Electric it is a tool of its tests,
  /// and here it would let one reader end the shape of all others.
  private String allowed(ServerHttpRequest request) {
    if (ShapePath.is(request)) {
      return "GET,POST,HEAD,OPTIONS";
    }
    Set<HttpMethod> call = methods.apply(request);
    return call.isEmpty()
        ? "GET,HEAD,OPTIONS"
        : Stream.concat(call.stream().map(HttpMethod::name).sorted(), Stream.of("OPTIONS"))
            .collect(Collectors.joining(","));
  }
}
