package dev.penstock.gateway.http;

import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// Where every request enters: through the filters, then to the shapes or to Spring's chain with
/// its security and its routes.
///
/// It answers in the event loop's next turn. Reactor Netty 1.3.7 never reads a kept-alive
/// connection again when a request that came before the last answer's end is answered at once
/// (reactor-netty#4361): the browser's next request on it would hang.
public final class FrontDoor implements HttpHandler {
  private final List<RequestFilter> filters;
  private final HttpHandler shapes;
  private final HttpHandler others;
  private final FailureHandler failures;

  /// @param filters in their order
  /// @param shapes verifies its tokens itself
  public FrontDoor(
      List<RequestFilter> filters,
      HttpHandler shapes,
      HttpHandler others,
      FailureHandler failures) {
    this.filters = List.copyOf(filters);
    this.shapes = shapes;
    this.others = others;
    this.failures = failures;
  }

  @Override
  public Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response) {
    Channel client = ClientRequest.channel(request);
    return Mono.defer(
            () -> {
              Connections.agreed(client);
              return pass(request, response);
            })
        .onErrorResume(failure -> failures.answer(request, response, failure))
        // The answer to a HEAD has no body that would send its head.
        .then(Mono.defer(response::setComplete))
        .subscribeOn(Schedulers.fromExecutor(client.eventLoop()));
  }

  private Mono<Void> pass(ServerHttpRequest request, ServerHttpResponse response) {
    for (RequestFilter filter : filters) {
      @Nullable Mono<Void> answer = filter.answer(request, response);
      if (answer != null) {
        return answer;
      }
    }
    return (ShapePath.is(request) ? shapes : others).handle(request, response);
  }
}
