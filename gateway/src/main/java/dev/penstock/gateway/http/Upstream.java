package dev.penstock.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
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
// The only form in which Reactor Netty says which of its limits was reached.
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;
import reactor.netty.resources.ConnectionPoolMetrics;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/// One HTTP server behind the gateway. Answers are streamed, never gathered; whoever cancels an
/// exchange closes its connection at once.
public final class Upstream implements AutoCloseable {
  // The upstream is near: at 1 ms it still gives 100 MB/s to each connection.
  private static final int RECEIVED = 128 * 1_024;

  // Shorter than the servers' drain, in which they end each connection with its answer: so none is
  // used that is just being closed.
  private static final Duration IDLE = Duration.ofSeconds(1);

  private final ConnectionProvider connections;
  private final HttpClient client;
  private final Counter noConnection;
  private final Counter noPlaceToWait;
  private final NettyDataBufferFactory buffers =
      new NettyDataBufferFactory(ByteBufAllocator.DEFAULT);

  /// @param name of the connection pool; its limits are counted as `<name>-connections` and
  ///   `<name>-pending`
  /// @param limits of the pool and of time
  /// @param loops that its connections run on
  public Upstream(String name, Limits limits, LoopResources loops, MeterRegistry meters) {
    this.noConnection = refused(meters, name + "-connections");
    this.noPlaceToWait = refused(meters, name + "-pending");
    this.connections =
        ConnectionProvider.builder(name)
            .maxConnections(limits.connections())
            .pendingAcquireMaxCount(limits.pending())
            .pendingAcquireTimeout(limits.connectTimeout())
            .maxIdleTime(IDLE)
            .metrics(true, () -> (_, _, _, pool) -> register(meters, name, pool))
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
              failure -> !answered.get(),
              failure -> new UpstreamUnavailableException(failure, isBusy(failure)))
          .then();
    });
  }

  private boolean isBusy(Throwable failure) {
    return switch (failure) {
      case PoolAcquireTimeoutException _ -> {
        noConnection.increment();
        yield true;
      }
      case PoolAcquirePendingLimitException _ -> {
        noPlaceToWait.increment();
        yield true;
      }
      default -> false;
    };
  }

  private static Counter refused(MeterRegistry meters, String limit) {
    return meters.counter("penstock.gateway.refused", "limit", limit);
  }

  private static void register(MeterRegistry meters, String name, ConnectionPoolMetrics pool) {
    Gauge.builder("penstock.gateway.upstream.connections", pool::acquiredSize)
        .tag("upstream", name)
        .register(meters);
    Gauge.builder("penstock.gateway.upstream.pending", pool::pendingAcquireSize)
        .tag("upstream", name)
        .register(meters);
  }

  @Override
  public void close() {
    connections.disposeLater().block(Duration.ofSeconds(2));
  }
}
