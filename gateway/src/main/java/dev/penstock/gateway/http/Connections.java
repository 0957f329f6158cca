package dev.penstock.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.netty.http.server.HttpServer;

/// Bounds of the connections to clients.
public final class Connections {
  // What a client that takes nothing holds in memory is this and one piece.
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(8_192, 16_384);
  private static final Duration IDLE = Duration.ofSeconds(75);
  private static final Duration REQUEST = Duration.ofSeconds(15);

  private final int most;
  private final Duration stalledAfter;
  private final AtomicInteger open = new AtomicInteger();
  private final Counter refused;
  private final Counter stalled;

  public Connections(int most, Duration stalledAfter, MeterRegistry meters) {
    this.most = most;
    this.stalledAfter = stalledAfter;
    refused = meters.counter("penstock.gateway.refused", "limit", "connections");
    stalled = meters.counter("penstock.gateway.connections.stalled");
    meters.gauge("penstock.gateway.connections", open);
  }

  /// Bounds number, buffers and times of the server's connections: an idle one, and a request that
  /// does not come whole, are ended.
  public HttpServer bound(HttpServer server) {
    return server
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .idleTimeout(IDLE)
        .requestTimeout(REQUEST)
        .doOnChannelInit((_, channel, _) -> opened(channel));
  }

  /// A request has come in HTTP/1.1: what Reactor Netty made for the case that the client would ask
  /// for HTTP/2 goes, 5 KB for each connection. Not while that very handler passes the request on.
  static void agreed(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(HttpServerUpgradeHandler.class) != null) {
      pipeline.remove(HttpServerUpgradeHandler.class);
    }
  }

  private void opened(Channel channel) {
    int now = open.incrementAndGet();
    var _ = channel.closeFuture().addListener(_ -> open.decrementAndGet());
    if (now > most) {
      refused.increment();
      var _ = channel.close();
      return;
    }
    channel.pipeline().addFirst("penstock-stalled", new StalledConnections(stalledAfter, stalled));
  }
}
