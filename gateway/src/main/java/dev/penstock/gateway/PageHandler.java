package dev.penstock.gateway;

import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/// Serves the [Page]: hashed assets for ever, the rest to be asked for again each time.
final class PageHandler implements WebHandler {
  private static final String CONTENT_SECURITY_POLICY =
      String.join(
          "; ",
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "connect-src 'self'",
          "img-src 'self' data:",
          "font-src 'self'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'");

  private final Page page;

  PageHandler(Page page) {
    this.page = page;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange) {
    ServerHttpResponse response = exchange.getResponse();
    Page.Asset asset =
        page.at(exchange.getRequest().getPath().pathWithinApplication().value()).orElse(null);
    if (asset == null) {
      response.setStatusCode(HttpStatus.NOT_FOUND);
      return response.setComplete();
    }
    HttpHeaders asked = exchange.getRequest().getHeaders();
    HttpHeaders headers = response.getHeaders();
    boolean zipped =
        asset.gzip().isPresent()
            && asked.getOrEmpty(HttpHeaders.ACCEPT_ENCODING).stream()
                .anyMatch(value -> value.contains("gzip"));
    Page.Content content = zipped ? asset.gzip().orElseThrow() : asset.plain();
    if (zipped) {
      headers.set(HttpHeaders.CONTENT_ENCODING, "gzip");
    }
    headers.add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
    headers.setContentType(asset.type());
    headers.set(HttpHeaders.ETAG, content.etag());
    headers.set(
        HttpHeaders.CACHE_CONTROL,
        asset.hashed() ? "public, max-age=31536000, immutable" : "no-cache");
    headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    List<String> known = asked.getIfNoneMatch();
    if (known.contains(content.etag())) {
      response.setStatusCode(HttpStatus.NOT_MODIFIED);
      return response.setComplete();
    }
    headers.setContentLength(content.bytes().length);
    return response.writeWith(
        Mono.fromSupplier(() -> response.bufferFactory().wrap(content.bytes())));
  }
}
