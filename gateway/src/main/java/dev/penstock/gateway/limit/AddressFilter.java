package dev.penstock.gateway.limit;

import dev.penstock.gateway.http.Answers;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Before anything costs: the address's rate, length of the URL and number of headers. What is too
/// large for the server itself it refuses without the headers that let a browser see why, so its
/// limits are wider.
public final class AddressFilter implements WebFilter {
  static final String ADDRESS = AddressFilter.class.getName();

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

  /// The address that counts for a request that has passed the filter.
  public static String addressOf(ServerWebExchange exchange) {
    return String.valueOf(exchange.<Object>getAttribute(ADDRESS));
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    HttpHeaders headers = exchange.getRequest().getHeaders();
    int[] count = new int[1];
    headers.forEach((_, values) -> count[0] += values.size());
    if (count[0] > maxHeaders) {
      limits.malformed("headers");
      return Answers.refuse(
          exchange, 431, "too_many_headers", "A request may have %d headers".formatted(maxHeaders));
    }
    if (exchange.getRequest().getURI().toString().length() > maxUrl) {
      limits.malformed("url");
      return Answers.refuse(
          exchange, 414, "uri_too_long", "A URL may have %d bytes".formatted(maxUrl));
    }
    String whose = address.of(exchange.getRequest());
    exchange.getAttributes().put(ADDRESS, whose);
    Optional<Refused> refused = limits.ofAddress(whose);
    return refused.isPresent() ? answer(exchange, refused.orElseThrow()) : chain.filter(exchange);
  }

  /// Answers with what the official client waits for: it retries 429 and 503 after `retry-after`,
  /// for as long as it takes, and does not tell its application.
  public static Mono<Void> answer(ServerWebExchange exchange, Refused refused) {
    exchange
        .getResponse()
        .getHeaders()
        .set(HttpHeaders.RETRY_AFTER, Long.toString(refused.seconds()));
    return Answers.refuse(exchange, refused.status(), refused.code(), refused.message());
  }
}
