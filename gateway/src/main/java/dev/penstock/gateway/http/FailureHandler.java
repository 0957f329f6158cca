package dev.penstock.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/// What no handler answered itself. No text of an exception of ours or of an upstream gets out.
public final class FailureHandler implements WebExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(FailureHandler.class);

  private final Counter tooLargeBodies;

  public FailureHandler(MeterRegistry meters) {
    tooLargeBodies = meters.counter("penstock.gateway.refused", "limit", "body");
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
    return answer(exchange.getRequest(), exchange.getResponse(), failure);
  }

  Mono<Void> answer(ServerHttpRequest request, ServerHttpResponse response, Throwable failure) {
    if (response.isCommitted()) {
      // A body cut short must not look like a whole one.
      LOG.atDebug().setCause(failure).log("an answer is cut short");
      var _ = ClientRequest.channel(request).close();
      return Mono.error(failure);
    }
    return switch (failure) {
      case BodyTooLargeException tooLarge -> {
        tooLargeBodies.increment();
        yield write(request, response, 413, String.valueOf(tooLarge.getMessage()));
      }
      case ResponseStatusException known ->
          write(request, response, known.getStatusCode().value(), "This request cannot be served");
      case UpstreamUnavailableException down -> {
        LOG.atWarn().setCause(down.getCause()).log("an upstream was not asked or did not answer");
        response.getHeaders().set("Retry-After", "1");
        yield write(
            request,
            response,
            503,
            down.busy()
                ? "Too many requests to the service behind this call are under way, please retry"
                : "The service behind this call does not answer, please retry");
      }
      case AuthenticationServiceException down -> {
        LOG.atWarn().setCause(down).log("the keys of Auth Tokens cannot be had");
        response.getHeaders().set("Retry-After", "5");
        yield write(request, response, 503, "Tokens cannot be verified at present, please retry");
      }
      default -> {
        if (!ClientRequest.channel(request).isActive()) {
          LOG.atDebug().setCause(failure).log("a client went away before its answer");
          yield Mono.empty();
        }
        LOG.atError().setCause(failure).log("a request failed");
        yield write(request, response, 500, "The gateway failed to answer");
      }
    };
  }

  private static Mono<Void> write(
      ServerHttpRequest request, ServerHttpResponse response, int status, String detail) {
    if (ShapePath.is(request)) {
      return Answers.json(response, status, Map.of("message", detail));
    }
    return Answers.problem(response, status, detail, null);
  }
}
