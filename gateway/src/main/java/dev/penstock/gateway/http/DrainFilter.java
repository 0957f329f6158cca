package dev.penstock.gateway.http;

import dev.penstock.management.Drain;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/// Once the gateway drains: `/health` says that it is not ready, and each connection ends with its
/// next answer.
public final class DrainFilter implements RequestFilter {
  private static final String HEALTH = "/health";

  private final Drain drain;

  public DrainFilter(Drain drain) {
    this.drain = drain;
  }

  @Override
  public @Nullable Mono<Void> answer(ServerHttpRequest request, ServerHttpResponse response) {
    if (!drain.isBegun()) {
      return null;
    }
    ClientRequest.endConnection(request, response);
    return request.getPath().pathWithinApplication().value().equals(HEALTH)
        ? Answers.json(response, 503, Map.of("status", "DOWN"))
        : null;
  }
}
