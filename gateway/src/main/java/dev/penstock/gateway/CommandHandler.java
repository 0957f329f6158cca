package dev.penstock.gateway;

import dev.penstock.contracts.trace.Spans;
import dev.penstock.gateway.http.Bodies;
import dev.penstock.gateway.http.Upstream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import org.springframework.web.util.UriUtils;
import reactor.core.publisher.Mono;

/// Passes a command on with the caller's token, which the command-service verifies itself.
///
/// A 503 here does not say that nothing was done: the caller repeats with the same ids.
final class CommandHandler implements WebHandler {
  private static final String TRACE_PARENT = "traceparent";
  private static final List<String> REQUEST_HEADERS =
      List.of(
          HttpHeaders.AUTHORIZATION,
          HttpHeaders.CONTENT_TYPE,
          HttpHeaders.ACCEPT,
          TRACE_PARENT,
          "tracestate");
  private static final Set<String> RESPONSE_HEADERS =
      Set.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.RETRY_AFTER, HttpHeaders.WWW_AUTHENTICATE);

  private final Upstream commands;
  private final String url;
  private final int bodyLimit;
  private final Spans spans;

  CommandHandler(Upstream commands, String url, int bodyLimit, Spans spans) {
    this.commands = commands;
    this.url = url.replaceAll("/+$", "");
    this.bodyLimit = bodyLimit;
    this.spans = spans;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange) {
    ServerHttpRequest request = exchange.getRequest();
    ServerHttpResponse response = exchange.getResponse();
    Map<String, String> headers = new HashMap<>();
    for (String name : REQUEST_HEADERS) {
      String value = request.getHeaders().getFirst(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    Optional<Spans.Open> span = spans.serve("gateway", headers.get(TRACE_PARENT));
    span.ifPresent(open -> headers.put(TRACE_PARENT, open.traceParent()));
    return Bodies.read(request, bodyLimit)
        .flatMap(body ->
            commands.exchange(
                new Upstream.Request(
                    request.getMethod().name(),
                    url + path(request),
                    headers,
                    ByteBuffer.wrap(body)),
                (head, content) -> {
                  response.setStatusCode(HttpStatusCode.valueOf(head.status()));
                  for (String name : RESPONSE_HEADERS) {
                    String value = head.headers().get(name);
                    if (value != null) {
                      response.getHeaders().set(name, value);
                    }
                  }
                  response.getHeaders().set(HttpHeaders.CACHE_CONTROL, "no-store");
                  return response.writeWith(content);
                }))
        .doFinally(_ -> span.ifPresent(Spans.Open::end));
  }

  /// The path as it was matched, so that the command-service cannot read another one in it.
  private static String path(ServerHttpRequest request) {
    return request.getPath().pathWithinApplication().elements().stream()
        .map(element ->
            element instanceof PathContainer.PathSegment segment
                ? UriUtils.encodePathSegment(segment.valueToMatch(), StandardCharsets.UTF_8)
                : element.value())
        .collect(Collectors.joining());
  }
}
