package dev.penstock.gateway.limit;

import dev.penstock.gateway.http.Answers;
import dev.penstock.gateway.http.RequestFilter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/// Before anything costs: the address's rate, length of the URL and number of headers. What is too
/// large for the server itself it refuses without the headers that let a browser see why, so its
/// limits are wider.
public final class AddressFilter implements RequestFilter {
  private final RequestLimits limits;
  private final ClientAddress address;
  private final int maxHeaders;
  private final int maxUrl;

  public AddressFilter(RequestLimits limits, ClientAddress address, int maxHeaders, int maxUrl) {
    this.limits = limits;
    this.address = address;
    this.maxHeaders = maxHeaders;
    this.maxUrl = maxUrl;
  }

  @Override
  public @Nullable Mono<Void> answer(ServerHttpRequest request, ServerHttpResponse response) {
    HttpHeaders headers = request.getHeaders();
    int[] count = new int[1];
    headers.forEach((_, values) -> count[0] += values.size());
    if (count[0] > maxHeaders) {
      limits.malformed("headers");
      return Answers.refuse(
          request,
          response,
          431,
          "too_many_headers",
          "A request may have %d headers".formatted(maxHeaders));
    }
    if (request.getURI().toString().length() > maxUrl) {
      limits.malformed("url");
      return Answers.refuse(
          request, response, 414, "uri_too_long", "A URL may have %d bytes".formatted(maxUrl));
    }
    Optional<Refused> refused = limits.ofAddress(address.of(request));
    return refused.isPresent() ? answer(request, response, refused.orElseThrow()) : null;
  }

  /// Answers with what the official client waits for: it retries 429 and 503 after `retry-after`,
  /// for as long as it takes, and does not tell its application.
  public static Mono<Void> answer(
      ServerHttpRequest request, ServerHttpResponse response, Refused refused) {
    response.getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(refused.seconds()));
    return Answers.refuse(request, response, refused.status(), refused.code(), refused.message());
  }
}
