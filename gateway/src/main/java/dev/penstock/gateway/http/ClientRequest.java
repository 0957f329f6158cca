package dev.penstock.gateway.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.netty.http.server.HttpServerRequest;

/// What stands behind Spring's view of a request.
public final class ClientRequest {
  private ClientRequest() {}

  /// The connection, or stream of HTTP/2, that it came on.
  public static Channel channel(ServerHttpRequest request) {
    AtomicReference<@Nullable Channel> channel = new AtomicReference<>();
    connected(request).withConnection(connection -> channel.set(connection.channel()));
    return Objects.requireNonNull(channel.get());
  }

  /// Gives back the memory of a header that nobody reads again. Headers live as long as the
  /// request, and that of a poll is held.
  public static void drop(ServerHttpRequest request, String header) {
    connected(request).requestHeaders().remove(header);
  }

  /// Lets the connection end with this answer. One of HTTP/2 ends by a frame of its own, when the
  /// server stops.
  public static void endConnection(ServerHttpRequest request, ServerHttpResponse response) {
    if (!(channel(request) instanceof Http2StreamChannel)) {
      response.getHeaders().set(HttpHeaders.CONNECTION, "close");
    }
  }

  private static HttpServerRequest connected(ServerHttpRequest request) {
    return ServerHttpRequestDecorator.getNativeRequest(request);
  }
}
