package dev.penstock.gateway.http;

import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/// Request bodies, whole and bounded.
public final class Bodies {
  private Bodies() {}

  /// The bytes, empty where there is no body; fails with [BodyTooLargeException]
  public static Mono<byte[]> read(ServerHttpRequest request, int limit) {
    if (request.getHeaders().getContentLength() > limit) {
      return Mono.error(new BodyTooLargeException(limit));
    }
    return DataBufferUtils.join(request.getBody(), limit)
        .map(buffer -> {
          byte[] bytes = new byte[buffer.readableByteCount()];
          buffer.read(bytes);
          DataBufferUtils.release(buffer);
          return bytes;
        })
        .onErrorMap(DataBufferLimitException.class, _ -> new BodyTooLargeException(limit))
        .defaultIfEmpty(new byte[0]);
  }
}
