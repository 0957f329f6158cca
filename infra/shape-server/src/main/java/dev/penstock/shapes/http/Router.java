package dev.penstock.shapes.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.Lsn;
import dev.penstock.management.Drain;
import dev.penstock.shapes.log.Tail;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpMethod;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/// From a request to its answer.
final class Router {
  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final int MAX_BODY_BYTES = 8_000_000;
  private static final List<String> SHAPE = List.of("v1", "shape");
  private static final List<String> HEALTH = List.of("v1", "health");
  private static final List<String> TRANSACTIONS = List.of("v1", "transactions");

  private final ProtocolSettings settings;
  private final Tail tail;
  private final ShapeEndpoint endpoint;
  private final Admission admission;
  private final Drain drain;

  Router(
      ProtocolSettings settings,
      Tail tail,
      ShapeEndpoint endpoint,
      Admission admission,
      Drain drain) {
    this.settings = settings;
    this.tail = tail;
    this.endpoint = endpoint;
    this.admission = admission;
    this.drain = drain;
  }

  /// @param loop of the connection: where a request goes on that had to wait
  Mono<Answer> answer(HttpServerRequest request, ScheduledExecutorService loop) {
    return Mono.defer(() -> route(request, loop))
        .onErrorResume(error -> {
          if (error instanceof Refusal refusal) {
            return Mono.just(uncached(refusal.answer(), request.method()));
          }
          if (error instanceof java.util.concurrent.RejectedExecutionException) {
            return Mono.just(
                uncached(
                    Refusal.unavailable("Too many requests are behind", 5).answer(),
                    request.method()));
          }
          log.atError().setCause(error).log("a request failed");
          return Mono.just(
              uncached(
                  Answer.json(500, "{\"error\":\"Internal server error\"}"), request.method()));
        })
        .map(answer ->
            answer.headers().remove(UNAUTHORIZED) == null
                ? Cors.put(answer, request.requestHeaders().get("origin"), isShape(request.uri()))
                : answer);
  }

  /// Marks the one answer that goes out bare; never sent.
  private static final String UNAUTHORIZED = "unauthorized";

  private static boolean isShape(String uri) {
    try {
      return path(uri).equals(SHAPE);
    } catch (Refusal e) {
      return false;
    }
  }

  private static List<String> path(String uri) {
    int mark = uri.indexOf('?');
    return Percent.segments(mark < 0 ? uri : uri.substring(0, mark));
  }

  private static Answer uncached(Answer answer, HttpMethod method) {
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)
        ? answer.with("cache-control", "no-store").with("surrogate-control", "no-store")
        : answer.with("cache-control", "no-cache");
  }

  private Mono<Answer> route(HttpServerRequest request, ScheduledExecutorService loop) {
    String uri = request.uri();
    int mark = uri.indexOf('?');
    List<String> path = path(uri);
    HttpMethod method = request.method();
    boolean read = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    if (path.equals(SHAPE)) {
      return shape(request, method, mark < 0 ? "" : uri.substring(mark + 1), loop);
    }
    if (path.equals(HEALTH) && read) {
      return Mono.just(health());
    }
    if (path.size() == 3 && path.subList(0, 2).equals(TRANSACTIONS) && read) {
      return Mono.just(transaction(path.getLast(), mark < 0 ? "" : uri.substring(mark + 1)));
    }
    if (path.isEmpty() && read) {
      return Mono.just(Answer.of(200, ""));
    }
    return Mono.just(notFound());
  }

  private static Answer notFound() {
    return Answer.of(404, "Not found").with("content-type", "text/plain; charset=utf-8");
  }

  private Answer health() {
    if (drain.isBegun()) {
      return Answer.json(503, "{\"status\":\"stopping\"}").with("cache-control", "no-store");
    }
    Answer answer =
        (tail.isActive()
                ? Answer.json(200, "{\"status\":\"active\"}")
                : Answer.json(202, "{\"status\":\"starting\"}"))
            .with("cache-control", "no-cache, no-store, must-revalidate");
    // Not of Electric's protocol: up to which commit everything was seen to come through.
    tail.canary().last().ifPresent(micros -> answer.with("penstock-canary", Long.toString(micros)));
    return answer;
  }

  /// Not of Electric's protocol: how far this instance is, and when it released one transaction.
  ///
  /// @param commitLsn unsigned decimal
  private Answer transaction(String commitLsn, String query) {
    if (!isAuthorized(Percent.parameters(query))) {
      return unauthorized();
    }
    if (!commitLsn.matches("[0-9]{1,19}")) {
      return notFound();
    }
    Tail.Release release = tail.release(Long.parseUnsignedLong(commitLsn)).orElse(null);
    if (release == null) {
      throw Refusal.unavailable("The log has not been read yet", 1);
    }
    return Answer.json(
            200,
            "{\"generation\":\"%s\",\"position\":\"%s\",\"releasedMicros\":%s}"
                .formatted(
                    release.generation(),
                    Lsn.decimal(release.position()),
                    release.atMicros() < 0 ? "null" : Long.toString(release.atMicros())))
        .with("cache-control", "no-store");
  }

  private static Answer unauthorized() {
    return Answer.of(401, "{\"message\":\"Unauthorized - Invalid API secret\"}")
        .with("cache-control", "no-store")
        .with(UNAUTHORIZED, "");
  }

  private Mono<Answer> shape(
      HttpServerRequest request, HttpMethod method, String query, ScheduledExecutorService loop) {
    if (method.equals(HttpMethod.OPTIONS)) {
      return Mono.just(
          Cors.preflight(request.requestHeaders().get("access-control-request-headers")));
    }
    Map<String, String> parameters = Percent.parameters(query);
    if (!isAuthorized(parameters)) {
      return Mono.just(unauthorized());
    }
    return switch (method.name()) {
      case "GET", "HEAD" -> read(request, parameters, Mono.just(new byte[0]), false, loop);
      case "POST" -> read(request, parameters, body(request), true, loop);
      case "DELETE" -> {
        if (!settings.allowDelete()) {
          throw Refusal.of(405, "message", "DELETE not allowed");
        }
        yield endpoint
            .delete(ShapeParameters.ofDelete(parameters), parameters.get("handle"))
            .map(answer -> answer.with("cache-control", "no-cache"));
      }
      default -> Mono.just(notFound());
    };
  }

  /// Nothing of a body is in memory before the request is let in.
  private Mono<Answer> read(
      HttpServerRequest request,
      Map<String, String> query,
      Mono<byte[]> body,
      boolean post,
      ScheduledExecutorService loop) {
    Runnable leave = admission.enter(ShapeParameters.isFirst(query));
    return body.flatMap(
            bytes -> {
              ShapeParameters parameters = ShapeParameters.of(query, bytes);
              return endpoint
                  .answer(parameters, request.requestHeaders().get("if-none-match"), loop)
                  .doOnNext(answer -> CacheControl.put(answer, parameters, post, settings));
            })
        .doFinally(_ -> leave.run());
  }

  private boolean isAuthorized(Map<String, String> parameters) {
    String secret = settings.secret();
    if (secret == null) {
      return true;
    }
    String given = parameters.getOrDefault("secret", parameters.get("api_secret"));
    return given != null && isEqual(secret, given);
  }

  private static boolean isEqual(String secret, @Nullable String given) {
    return given != null && MessageDigest.isEqual(secret.getBytes(UTF_8), given.getBytes(UTF_8));
  }

  private Mono<byte[]> body(HttpServerRequest request) {
    return request
        .receive()
        .map(ByteBufUtil::getBytes)
        .reduceWith(
            java.io.ByteArrayOutputStream::new,
            (all, piece) -> {
              if (all.size() + piece.length > MAX_BODY_BYTES) {
                throw Refusal.of(413, "error", "Request body too large");
              }
              all.writeBytes(piece);
              return all;
            })
        .map(java.io.ByteArrayOutputStream::toByteArray)
        .timeout(
            settings.writeTimeout(),
            Mono.error(() -> Refusal.of(400, "error", "Failed to read request body")));
  }
}
