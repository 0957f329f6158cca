package dev.penstock.gateway.shape;

import dev.penstock.gateway.http.Upstream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// The shape server behind the gateway, an Electric or our own: the one place that calls it.
/// Requests arrive here authorised and stripped of who asked, so this is where equal ones can
/// become one.
public final class ShapeUpstream {
  private final Upstream server;
  private final String url;
  private final String secret;

  /// @param url base of the server, without `/v1/shape`
  /// @param secret its API secret, empty for none; never logged nor sent to a client
  public ShapeUpstream(Upstream server, String url, String secret) {
    this.server = server;
    this.url = url.replaceAll("/+$", "") + "/v1/shape?";
    this.secret = secret.isEmpty() ? "" : "&secret=" + ShapeRequest.encode(secret);
  }

  Mono<Void> fetch(
      ShapeRequest request, BiFunction<Upstream.Head, Flux<DataBuffer>, Mono<Void>> answer) {
    Map<String, String> headers = new HashMap<>();
    if (request.method().equals("POST")) {
      headers.put("content-type", "application/json");
    }
    if (!request.ifNoneMatch().isEmpty()) {
      headers.put("if-none-match", request.ifNoneMatch());
    }
    return server.exchange(
        new Upstream.Request(
            request.method(),
            url + request.query() + secret,
            headers,
            StandardCharsets.UTF_8.encode(request.body())),
        answer);
  }
}
