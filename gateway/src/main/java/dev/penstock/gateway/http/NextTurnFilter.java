package dev.penstock.gateway.http;

import java.util.concurrent.atomic.AtomicReference;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRequest;

/// Answers in the event loop's next turn.
///
/// Reactor Netty 1.3.7 never reads a kept-alive connection again when a request that came before
/// the last answer's end is answered at once (reactor-netty#4361): the browser's next request on it
/// would hang.
public final class NextTurnFilter implements WebFilter {
  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    HttpServerRequest request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
    AtomicReference<Scheduler> nextTurn = new AtomicReference<>(Schedulers.parallel());
    request.withConnection(
        connection -> nextTurn.set(Schedulers.fromExecutor(connection.channel().eventLoop())));
    return chain.filter(exchange).subscribeOn(nextTurn.get());
  }
}
