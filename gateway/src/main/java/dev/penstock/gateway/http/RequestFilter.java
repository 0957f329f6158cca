package dev.penstock.gateway.http;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/// A step that every request takes before its call.
///
/// Unlike Spring's `WebFilter` it is over when the next one begins: what stands around a held poll
/// costs memory as long as the poll.
public interface RequestFilter {
  /// May set headers of the answer whatever comes of the request.
  ///
  /// @return the answer where it goes no further, else null
  @Nullable Mono<Void> answer(ServerHttpRequest request, ServerHttpResponse response);
}
