package dev.penstock.gateway.revocation;

import dev.penstock.gateway.http.Answers;
import dev.penstock.gateway.http.RequestFilter;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/// Before any token is looked at: a gateway that does not know what is revoked takes none. Answers
/// `/health` too, which says whether it should be sent any requests.
public final class KnowledgeFilter implements RequestFilter {
  private static final String HEALTH = "/health";

  private final RevocationLog log;
  private final Predicate<ServerHttpRequest> open;

  /// @param open requests that need no token, such as the page's
  public KnowledgeFilter(RevocationLog log, Predicate<ServerHttpRequest> open) {
    this.log = log;
    this.open = open;
  }

  @Override
  public @Nullable Mono<Void> answer(ServerHttpRequest request, ServerHttpResponse response) {
    RevocationLog.Knowledge knowledge = log.knowledge();
    if (request.getPath().pathWithinApplication().value().equals(HEALTH)
        && request.getMethod().equals(HttpMethod.GET)) {
      return knowledge == RevocationLog.Knowledge.ALL
          ? Answers.json(response, 200, Map.of("status", "UP"))
          : Answers.json(response, 503, Map.of("status", "DOWN", "revocations", knowledge.name()));
    }
    if (knowledge == RevocationLog.Knowledge.NONE && !open.test(request)) {
      response.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
      return Answers.refuse(
          request, response, 503, "not_ready", "The gateway is not ready yet, please retry");
    }
    return null;
  }
}
