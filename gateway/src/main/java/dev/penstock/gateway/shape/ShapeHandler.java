package dev.penstock.gateway.shape;

import dev.penstock.gateway.http.Answers;
import dev.penstock.gateway.http.Bodies;
import dev.penstock.gateway.http.BodyTooLargeException;
import dev.penstock.gateway.http.Upstream;
import dev.penstock.gateway.http.UpstreamUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// `GET|POST|HEAD|OPTIONS /shape`: Electric's protocol for the shape that a Shape Token names.
///
/// A poll is held no longer than its token lives: it ends with 401, the client fetches a new token
/// and resumes at its offset; an event stream just ends.
public final class ShapeHandler implements WebHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ShapeHandler.class);
  private static final String BEARER = "Bearer ";

  private final ShapeTokens tokens;
  private final ShapeUpstream upstream;
  private final int bodyLimit;
  private final Clock clock;

  /// @param bodyLimit bytes that a POST may have
  public ShapeHandler(ShapeTokens tokens, ShapeUpstream upstream, int bodyLimit, Clock clock) {
    this.tokens = tokens;
    this.upstream = upstream;
    this.bodyLimit = bodyLimit;
    this.clock = clock;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange) {
    ServerHttpResponse response = exchange.getResponse();
    String method = exchange.getRequest().getMethod().name();
    try {
      return switch (method) {
        case "OPTIONS" -> {
          response.setRawStatusCode(204);
          response.getHeaders().set(HttpHeaders.ALLOW, "GET,POST,HEAD,OPTIONS");
          yield response.setComplete();
        }
        case "GET", "HEAD" -> proxy(exchange, "");
        case "POST" -> {
          // Before its body is read: nobody without a token gets memory here.
          authorize(exchange.getRequest());
          yield Bodies.read(exchange.getRequest(), bodyLimit)
              .flatMap(bytes -> {
                try {
                  return proxy(exchange, SubsetBody.rewrite(bytes));
                } catch (ShapeRefusal refusal) {
                  return refuse(response, refusal);
                }
              })
              .onErrorResume(
                  BodyTooLargeException.class,
                  _ -> refuse(response, ShapeRefusal.invalidBody(413, "Request body too large")));
        }
        default -> refuse(response, ShapeRefusal.methodNotAllowed());
      };
    } catch (ShapeRefusal refusal) {
      return refuse(response, refusal);
    }
  }

  private Mono<Void> proxy(ServerWebExchange exchange, String body) throws ShapeRefusal {
    ServerHttpRequest request = exchange.getRequest();
    ShapeToken token = authorize(request);
    ShapeQuery query = ShapeQuery.parse(request.getURI().getRawQuery(), token.definition());
    ShapeRequest upstreamRequest =
        ShapeRequest.of(
            request.getMethod().name(),
            token.definition(),
            query,
            body,
            String.join(",", request.getHeaders().getOrEmpty(HttpHeaders.IF_NONE_MATCH)));
    Duration remaining = Duration.between(clock.instant(), token.expiresAt());
    return forward(exchange.getResponse(), upstreamRequest, query, remaining);
  }

  private Mono<Void> forward(
      ServerHttpResponse response, ShapeRequest request, ShapeQuery query, Duration remaining) {
    // Whoever sets it first decides what the client gets: the upstream's answer or the token's end.
    AtomicBoolean decided = new AtomicBoolean();
    Mono<Void> exchange =
        upstream
            .fetch(
                request,
                (head, body) ->
                    decided.compareAndSet(false, true)
                        ? answer(response, request, query, remaining, head, body)
                        : Mono.empty())
            .onErrorResume(
                UpstreamUnavailableException.class,
                down ->
                    decided.compareAndSet(false, true)
                        ? unavailable(response, down)
                        : Mono.empty());
    if (!query.live()) {
      return exchange;
    }
    AtomicBoolean expired = new AtomicBoolean();
    Mono<Long> expiry =
        Mono.delay(remaining)
            .filter(_ -> decided.compareAndSet(false, true))
            .doOnNext(_ -> expired.set(true))
            .switchIfEmpty(Mono.never());
    return exchange
        .takeUntilOther(expiry)
        .then(
            Mono.defer(() ->
                expired.get() ? refuse(response, ShapeRefusal.unauthorized()) : Mono.empty()));
  }

  private static Mono<Void> unavailable(
      ServerHttpResponse response, UpstreamUnavailableException down) {
    LOG.atWarn()
        .addKeyValue("cause", String.valueOf(down.getCause()))
        .log("the shape server does not answer");
    return refuse(response, ShapeRefusal.unavailable());
  }

  private Mono<Void> answer(
      ServerHttpResponse response,
      ShapeRequest request,
      ShapeQuery query,
      Duration remaining,
      Upstream.Head head,
      Flux<DataBuffer> body) {
    if (!ShapeAnswer.passes(head.status(), request)) {
      LOG.atError()
          .addKeyValue("status", head.status())
          .log("the shape server gave an answer that cannot pass");
      return refuse(response, ShapeRefusal.unavailable());
    }
    boolean subset =
        request.method().equals("POST") || head.headers().contains("electric-snapshot");
    response.setStatusCode(HttpStatusCode.valueOf(head.status()));
    ShapeAnswer.copyHeaders(head, query, subset, remaining, response.getHeaders());
    Flux<DataBuffer> bounded = query.sse() ? body.takeUntilOther(Mono.delay(remaining)) : body;
    return response.writeAndFlushWith(bounded.map(Mono::just));
  }

  private ShapeToken authorize(ServerHttpRequest request) throws ShapeRefusal {
    List<String> values = request.getHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION);
    @Nullable String value = values.size() == 1 ? values.getFirst() : null;
    if (value == null || !value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw ShapeRefusal.unauthorized();
    }
    try {
      return tokens.verify(value.substring(BEARER.length()));
    } catch (InvalidShapeTokenException refused) {
      LOG.atDebug().addKeyValue("reason", refused.getMessage()).log("refused a Shape Token");
      throw ShapeRefusal.unauthorized();
    }
  }

  private static Mono<Void> refuse(ServerHttpResponse response, ShapeRefusal refusal) {
    if (refusal.status() == 503) {
      response.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
    }
    return Answers.json(response, refusal.status(), refusal.body());
  }
}
