package dev.penstock.gateway.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/// One HTTP server behind the gateway. Answers are streamed, never gathered; whoever cancels an
/// exchange closes its connection at once.
public final class Upstream implements AutoCloseable {
  // The upstream is near: at 1 ms it still gives 100 MB/s to each connection.
  private static final int RECEIVED = 128 * 1_024;

  private final ConnectionProvider connections;
  private final HttpClient client;
  private final NettyDataBufferFactory buffers =
      new NettyDataBufferFactory(ByteBufAllocator.DEFAULT);

  /// @param name of the connection pool
  /// @param limits of the pool and of time
  /// @param loops that its connections run on
  public Upstream(String name, Limits limits, LoopResources loops) {
    this.connections =
        ConnectionProvider.builder(name)
            .maxConnections(limits.connections())
            .pendingAcquireMaxCount(limits.pending())
            .pendingAcquireTimeout(limits.connectTimeout())
            .maxIdleTime(Duration.ofSeconds(20))
            .build();
    this.client =
        HttpClient.create(connections)
            .runOn(loops)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(limits.connectTimeout().toMillis()))
            // Unset, the kernel takes 6 MB and more for an answer that is read slowly.
            .option(ChannelOption.SO_RCVBUF, RECEIVED)
            // Small and one at a time: what has been read for a client that takes nothing is
            // memory.
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(256, 2_048, 8_192).maxMessagesPerRead(1))
            .responseTimeout(limits.timeout());
  }

  /// Bounds of the pool and of time.
  ///
  /// @param connections open at once
  /// @param pending requests that wait for a connection; more are refused
  /// @param connectTimeout of a connection, and of the wait for a free one
  /// @param timeout between two reads of an answer, its first included
  public record Limits(int connections, int pending, Duration connectTimeout, Duration timeout) {}

  /// What is sent.
  ///
  /// @param url absolute, encoded
  /// @param body empty for none
  public record Request(String method, String url, Map<String, String> headers, ByteBuffer body) {}

  /// What comes back before the body.
  public record Head(int status, HttpHeaders headers) {}

  /// Sends the request and hands head and body of the answer to `answer`.
  ///
  /// @return fails with [UpstreamUnavailableException] while `answer` has not been called, and as
  ///   the upstream failed after that
  public Mono<Void> exchange(
      Request request, BiFunction<Head, Flux<DataBuffer>, Mono<Void>> answer) {
    return Mono.defer(() -> {
      AtomicBoolean answered = new AtomicBoolean();
      return client
          .headers(headers -> request.headers().forEach(headers::set))
          .request(HttpMethod.valueOf(request.method()))
          .uri(request.url())
          .send((outgoing, outbound) -> {
            int length = request.body().remaining();
            if (length == 0) {
              return outbound;
            }
            outgoing.header("content-length", Integer.toString(length));
            return outbound.sendObject(Unpooled.wrappedBuffer(request.body()));
          })
          .response((response, content) -> {
            answered.set(true);
            Flux<DataBuffer> body =
                content
                    .retain()
                    .<DataBuffer>map(buffers::wrap)
                    .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
            return answer.apply(
                new Head(response.status().code(), response.responseHeaders()), body);
          })
          .onErrorMap(
              failure -> !answered.get(), failure -> new UpstreamUnavailableException(failure))
          .then();
    });
  }

  @Override
  public void close() {
    connections.disposeLater().block(Duration.ofSeconds(2));
  }
}
