package dev.penstock.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.netty.http.server.HttpServer;

/// Bounds of the connections to clients.
public final class Connections {
  // What a client that takes nothing holds in memory is this and one piece. Not more than a piece:
  // the
  // kernel's buffer is what keeps a quick client busy.
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(2_048, 4_096);
  // Of what the kernel has not sent yet; it would take 4 MB for a client that takes nothing. What
  // is on
  // its way to a client is not bounded by it.
  private static final long UNSENT = 128 * 1_024L;
  private static final Duration IDLE = Duration.ofSeconds(75);
  private static final Duration REQUEST = Duration.ofSeconds(15);

  private final int most;
  private final Duration stalledAfter;
  private final AtomicInteger open = new AtomicInteger();
  private final Counter refused;
  private final Counter stalled;
  private final TooLongRequests tooLong;

  public Connections(int most, Duration stalledAfter, MeterRegistry meters) {
    this.most = most;
    this.stalledAfter = stalledAfter;
    refused = meters.counter("penstock.gateway.refused", "limit", "connections");
    stalled = meters.counter("penstock.gateway.connections.stalled");
    tooLong = new TooLongRequests(meters);
    meters.gauge("penstock.gateway.connections", open);
  }

  /// Bounds number, buffers and times of the server's connections: an idle one, and a request that
  /// does not come whole, are ended.
  public HttpServer bound(HttpServer server) {
    HttpServer bound =
        Epoll.isAvailable()
            ? server.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT)
            : server;
    return bound
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
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addFirst("penstock-stalled", new StalledConnections(stalledAfter, stalled));
    ChannelHandlerContext codec = pipeline.context(HttpServerCodec.class);
    if (codec != null) {
      pipeline.addAfter(codec.name(), "penstock-too-long", tooLong);
    }
  }
}
