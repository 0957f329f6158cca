package dev.penstock.gateway.shape;

import dev.penstock.gateway.http.Answers;
import dev.penstock.gateway.http.Bodies;
import dev.penstock.gateway.http.BodyTooLargeException;
import dev.penstock.gateway.http.ClientRequest;
import dev.penstock.gateway.http.Upstream;
import dev.penstock.gateway.http.UpstreamUnavailableException;
import dev.penstock.gateway.limit.AddressFilter;
import dev.penstock.gateway.limit.ClientAddress;
import dev.penstock.gateway.limit.Refused;
import dev.penstock.gateway.limit.RequestLimits;
import dev.penstock.gateway.revocation.Revocations;
import dev.penstock.management.Drain;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// `GET|POST|HEAD|OPTIONS /shape`: Electric's protocol for the shape that a Shape Token names.
///
/// A poll is held no longer than its token lives: it ends with 401, the client fetches a new token
/// and resumes at its offset; an event stream just ends. A revoked token ends all that is under
/// way. A gateway that drains answers its polls with nothing, and the client asks the next one.
public final class ShapeHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ShapeHandler.class);
  private static final String BEARER = "Bearer ";
  private static final String METHODS = "GET,POST,HEAD,OPTIONS";

  private final ShapeTokens tokens;
  private final ShapeUpstream upstream;
  private final RequestLimits limits;
  private final ClientAddress addresses;
  private final Revocations revocations;
  private final int bodyLimit;
  private final Clock clock;
  private final Drain drain;

  /// @param bodyLimit bytes that a POST may have
  public ShapeHandler(
      ShapeTokens tokens,
      ShapeUpstream upstream,
      RequestLimits limits,
      ClientAddress addresses,
      Revocations revocations,
      int bodyLimit,
      Clock clock,
      Drain drain) {
    this.tokens = tokens;
    this.upstream = upstream;
    this.limits = limits;
    this.addresses = addresses;
    this.revocations = revocations;
    this.bodyLimit = bodyLimit;
    this.clock = clock;
    this.drain = drain;
  }

  public Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response) {
    String method = request.getMethod().name();
    try {
      return switch (method) {
        case "OPTIONS" -> {
          response.setRawStatusCode(204);
          response.getHeaders().set(HttpHeaders.ALLOW, METHODS);
          yield response.setComplete();
        }
        case "GET", "HEAD" -> proxy(request, response, authorize(request), "");
        case "POST" -> {
          // Before its body is read: nobody without a token gets memory here.
          ShapeToken token = authorize(request);
          yield Bodies.read(request, bodyLimit)
              .flatMap(bytes -> {
                try {
                  return proxy(request, response, token, SubsetBody.rewrite(bytes));
                } catch (ShapeRefusal refusal) {
                  return refuse(response, refusal);
                }
              })
              .onErrorResume(
                  BodyTooLargeException.class,
                  _ -> {
                    limits.malformed("body");
                    return refuse(
                        response, ShapeRefusal.invalidBody(413, "Request body too large"));
                  });
        }
        default -> {
          response.getHeaders().set(HttpHeaders.ALLOW, METHODS);
          yield refuse(response, ShapeRefusal.methodNotAllowed());
        }
      };
    } catch (ShapeRefusal refusal) {
      return refuse(response, refusal);
    }
  }

  private Mono<Void> proxy(
      ServerHttpRequest request, ServerHttpResponse response, ShapeToken token, String body)
      throws ShapeRefusal {
    Optional<Refused> tooMany = limits.ofUser(token.caller());
    if (tooMany.isPresent()) {
      return AddressFilter.answer(request, response, tooMany.orElseThrow());
    }
    ShapeQuery query = ShapeQuery.parse(request.getURI().getRawQuery(), token.definition());
    ShapeRequest upstreamRequest =
        ShapeRequest.of(
            request.getMethod().name(),
            token.definition(),
            query,
            body,
            String.join(",", request.getHeaders().getOrEmpty(HttpHeaders.IF_NONE_MATCH)));
    return query.live()
        ? held(request, response, token, upstreamRequest, query)
        : forward(request, response, token, upstreamRequest, query);
  }

  private Mono<Void> held(
      ServerHttpRequest request,
      ServerHttpResponse response,
      ShapeToken token,
      ShapeRequest upstreamRequest,
      ShapeQuery query) {
    String address = addresses.of(request);
    return Mono.defer(() -> {
      Optional<Refused> tooMany = limits.enter(token.caller(), address);
      return tooMany.isPresent()
          ? AddressFilter.answer(request, response, tooMany.orElseThrow())
          : forward(request, response, token, upstreamRequest, query)
              .doFinally(_ -> limits.leave(token.caller(), address));
    });
  }

  private Mono<Void> forward(
      ServerHttpRequest request,
      ServerHttpResponse response,
      ShapeToken token,
      ShapeRequest upstreamRequest,
      ShapeQuery query) {
    OpenShape open = new OpenShape(token.grant(), ClientRequest.channel(request));
    Runnable release = open::release;
    return Mono.defer(
            () -> {
              revocations.opened(open);
              if (query.live()) {
                drain.hold(release);
              }
              return revocations.cover(token.grant())
                  ? refuse(response, ShapeRefusal.unauthorized())
                  : pass(request, response, open, token, upstreamRequest, query);
            })
        .doFinally(_ -> {
          revocations.closed(open);
          drain.release(release);
        });
  }

  private Mono<Void> pass(
      ServerHttpRequest asked,
      ServerHttpResponse response,
      OpenShape open,
      ShapeToken token,
      ShapeRequest request,
      ShapeQuery query) {
    Duration remaining = Duration.between(clock.instant(), token.expiresAt());
    return upstream
        .fetch(
            request,
            query,
            open.client(),
            token.id(),
            (head, body) ->
                open.answer()
                    ? answer(response, open, request, query, remaining, head, body)
                    : Mono.empty())
        .onErrorResume(
            UpstreamUnavailableException.class,
            failure ->
                open.answer()
                    ? refuse(
                        response,
                        failure.busy() ? ShapeRefusal.tooMany() : ShapeRefusal.unavailable())
                    : Mono.empty())
        .takeUntilOther(query.live() ? endOf(open, query, remaining) : open.over())
        .then(
            Mono.defer(() ->
                open.isRefused()
                    ? refuse(response, ShapeRefusal.unauthorized())
                    : open.isReleased() ? elsewhere(asked, response, query) : Mono.empty()));
  }

  /// A poll ends with its token too. A stream that has begun ends by itself, in order; what is not
  /// live was asked for while the token was good and comes whole.
  private static Mono<Void> endOf(OpenShape open, ShapeQuery query, Duration remaining) {
    Mono<Void> expiry =
        Mono.delay(remaining)
            .doOnNext(_ -> {
              if (!query.sse() || !open.isAnswered()) {
                open.end();
              }
            })
            .then(Mono.never());
    return Mono.firstWithSignal(open.over(), expiry);
  }

  private Mono<Void> answer(
      ServerHttpResponse response,
      OpenShape open,
      ShapeRequest request,
      ShapeQuery query,
      Duration remaining,
      Upstream.Head head,
      Flux<DataBuffer> body) {
    if (!ShapeAnswer.passes(head.status(), request)) {
      return refuse(response, ShapeRefusal.unavailable());
    }
    boolean subset =
        request.method().equals("POST") || head.headers().contains("electric-snapshot");
    response.setStatusCode(HttpStatusCode.valueOf(head.status()));
    ShapeAnswer.copyHeaders(head, query, subset, remaining, response.getHeaders());
    Flux<DataBuffer> bounded =
        query.sse()
            ? body.takeUntilOther(
                Mono.firstWithSignal(
                    Mono.delay(remaining).doOnNext(_ -> open.dropUnsent()), open.released()))
            : body;
    return response.writeAndFlushWith(bounded.map(Mono::just));
  }

  private static Mono<Void> elsewhere(
      ServerHttpRequest request, ServerHttpResponse response, ShapeQuery query) {
    ClientRequest.endConnection(request, response);
    return ShapeAnswer.isNothing(query, response.getHeaders())
        ? Answers.noMessages(response, query.sse())
        : refuse(response, ShapeRefusal.unavailable());
  }

  private ShapeToken authorize(ServerHttpRequest request) throws ShapeRefusal {
    List<String> values = request.getHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION);
    @Nullable String value = values.size() == 1 ? values.getFirst() : null;
    if (value == null || !value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw ShapeRefusal.unauthorized();
    }
    try {
      ShapeToken token = tokens.verify(value.substring(BEARER.length()));
      ClientRequest.drop(request, HttpHeaders.AUTHORIZATION);
      return token;
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
