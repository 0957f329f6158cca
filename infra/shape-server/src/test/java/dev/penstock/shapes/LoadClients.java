package dev.penstock.shapes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;

/// Many live clients by long poll, on one thread. Every row of their shapes has a column `seq`,
/// which counts the shape's changes from 1: each client checks that it gets each once and in order,
/// and when.
final class LoadClients implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<LiveClient> clients = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final long[] micros;
  private final AtomicLong measured = new AtomicLong();
  private final LongUnaryOperator sent;

  /// @param changes how many changes will be measured in all
  /// @param sent when the change with this id was sent off, by [System#nanoTime]
  LoadClients(int changes, LongUnaryOperator sent) {
    micros = new long[changes];
    this.sent = sent;
  }

  /// Adds clients that follow a shape, and waits until each is connected and has the snapshot.
  ///
  /// @param definition its parameters
  void add(Client server, int count, String... definition) throws InterruptedException {
    URI uri = URI.create(server.base());
    CountDownLatch ready = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      LiveClient client = new LiveClient(Client.query(definition), ready);
      clients.add(client);
      new Bootstrap()
          .group(group)
          .channel(NioSocketChannel.class)
          .handler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  channel
                      .pipeline()
                      .addLast(new HttpClientCodec(), new HttpObjectAggregator(16 << 20), client);
                }
              })
          .connect(uri.getHost(), uri.getPort())
          .sync();
    }
    if (!ready.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("not live: " + ready.getCount() + " " + failures);
    }
  }

  /// Changes received by all clients together.
  long received() {
    return received.get();
  }

  long requests() {
    return requests.get();
  }

  /// What was wrong: a repeated, missing or misplaced change, or a status other than 200.
  List<String> failures() {
    return List.copyOf(failures);
  }

  /// The latency, from the change's sending to its reception, below which this part of all is.
  double percentile(double part) {
    long[] all = Arrays.copyOf(micros, (int) Math.min(measured.get(), micros.length));
    Arrays.sort(all);
    return all.length == 0 ? 0 : all[(int) Math.min(all.length - 1, part * all.length)] / 1e3;
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class LiveClient extends SimpleChannelInboundHandler<FullHttpResponse> {
    private static final String SEQ = "\"seq\":\"";
    private static final String ID = "\"id\":\"";

    private final String path;
    private final CountDownLatch ready;
    private String position = "&offset=-1";
    private boolean live;
    private long last;

    LiveClient(String path, CountDownLatch ready) {
      this.path = path;
      this.ready = ready;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      ask(context);
    }

    private void ask(ChannelHandlerContext context) {
      requests.incrementAndGet();
      var request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.GET, path + position + (live ? "&live=true" : ""));
      request.headers().set("host", "load");
      var _ = context.writeAndFlush(request);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      long now = System.nanoTime();
      if (response.status().code() != 200) {
        failures.add(response.status() + " for " + path + position);
        return;
      }
      body(response.content().toString(UTF_8), now);
      position =
          "&offset="
              + response.headers().get("electric-offset")
              + "&handle="
              + response.headers().get("electric-handle");
      if (!live && response.headers().contains("electric-up-to-date")) {
        live = true;
        ready.countDown();
      }
      ask(context);
    }

    private void body(String body, long now) {
      for (int at = body.indexOf(SEQ); at >= 0; at = body.indexOf(SEQ, at + 1)) {
        long seq = number(body, at + SEQ.length());
        if (seq != last + 1) {
          failures.add("change " + seq + " after " + last + " of " + path);
        }
        last = seq;
        received.incrementAndGet();
        int id = body.lastIndexOf(ID, at);
        int slot = (int) measured.getAndIncrement();
        if (slot < micros.length) {
          micros[slot] = (now - sent.applyAsLong(number(body, id + ID.length()))) / 1_000;
        }
      }
    }

    private static long number(String text, int from) {
      return Long.parseLong(text.substring(from, text.indexOf('"', from)));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (!group.isShuttingDown()) {
        failures.add("disconnected: " + path);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      failures.add(cause.toString());
      var _ = context.close();
    }
  }
}
