package dev.penstock.gateway.revocation;

import dev.penstock.gateway.http.Answers;
import java.util.Map;
import java.util.function.Predicate;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Before any token is looked at: a gateway that does not know what is revoked takes none. Answers
/// `/health` too, which says whether it should be sent any requests.
public final class KnowledgeFilter implements WebFilter {
  private static final String HEALTH = "/health";

  private final RevocationLog log;
  private final Predicate<ServerWebExchange> open;

  /// @param open requests that need no token, such as the page's
  public KnowledgeFilter(RevocationLog log, Predicate<ServerWebExchange> open) {
    this.log = log;
    this.open = open;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    RevocationLog.Knowledge knowledge = log.knowledge();
    if (exchange.getRequest().getPath().pathWithinApplication().value().equals(HEALTH)
        && exchange.getRequest().getMethod().equals(HttpMethod.GET)) {
      return knowledge == RevocationLog.Knowledge.ALL
          ? Answers.json(exchange.getResponse(), 200, Map.of("status", "UP"))
          : Answers.json(
              exchange.getResponse(),
              503,
              Map.of("status", "DOWN", "revocations", knowledge.name()));
    }
    if (knowledge == RevocationLog.Knowledge.NONE && !open.test(exchange)) {
      exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
      return Answers.refuse(
          exchange, 503, "not_ready", "The gateway is not ready yet, please retry");
    }
    return chain.filter(exchange);
  }
}
