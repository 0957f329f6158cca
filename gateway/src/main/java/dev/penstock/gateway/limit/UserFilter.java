package dev.penstock.gateway.limit;

import java.security.Principal;
import java.util.Optional;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Behind the verification of Auth Tokens: the user's rate.
public final class UserFilter implements WebFilter {
  private final RequestLimits limits;

  public UserFilter(RequestLimits limits) {
    this.limits = limits;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return exchange
        .<Principal>getPrincipal()
        .map(Principal::getName)
        .map(limits::ofUser)
        .defaultIfEmpty(Optional.empty())
        .flatMap(refused ->
            refused.isPresent()
                ? AddressFilter.answer(
                    exchange.getRequest(), exchange.getResponse(), refused.orElseThrow())
                : chain.filter(exchange));
  }
}
