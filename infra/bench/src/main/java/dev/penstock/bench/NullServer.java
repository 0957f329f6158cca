package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server that does nothing: what the load generator reaches against it is the generator's own
/// limit, and what it takes there is the generator's own time.
///
/// It answers a POST as a write, a GET of `/none` at once with a change, a live GET of `/held` with
/// the changes behind its offset or when there is one, and a GET of `/bytes/n` with n bytes. A POST
/// to `/release` is a change: it has its content.
final class NullServer {
  private static final Pattern OFFSET = Pattern.compile("offset=(\\d+)_");
  private static final String BEFORE =
      "{\"key\":\"k\",\"value\":{\"id\":\"00000000-0000-0000-0000-000000000000\",\"content\":\"";
  private static final String AFTER = "\"},\"headers\":{\"operation\":\"insert\",\"txids\":[1]}},";
  private static final String FILLER = "x".repeat(80);
  private static final byte[] BULK = new byte[1 << 20];

  /// All of the one thread.
  private final List<String> changes = new ArrayList<>();

  private List<ChannelHandlerContext> held = new ArrayList<>();

  private NullServer() {}

  /// Begins to follow what is released.
  static Target held(Service server) {
    return new Target(URI.create(server.url()), "/held?", null);
  }

  /// Answers at once.
  static Target none(Service server) {
    return new Target(URI.create(server.url()), "/none?", null);
  }

  static Service start(Stand stand) throws Exception {
    int port = Stand.freePort();
    Service server =
        Service.start(
            NullServer.class,
            stand.directory(),
            "null-" + port,
            port,
            List.of(Integer.toString(port)));
    Waiting.until("the null server", () -> Http.status(server.url() + "/") == 200);
    return server;
  }

  /// Argument: the port.
  public static void main(String[] arguments) throws InterruptedException {
    NullServer server = new NullServer();
    serve(Integer.parseInt(arguments[0]), () -> server.new Answering());
  }

  /// Serves HTTP on one thread until the JVM ends, by a handler for each connection.
  static void serve(int port, Supplier<ChannelHandler> handlers) throws InterruptedException {
    new ServerBootstrap()
        .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new HttpServerCodec(), new HttpObjectAggregator(1 << 20), handlers.get());
              }
            })
        .bind("127.0.0.1", port)
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  private void release(String content) {
    changes.add(content);
    List<ChannelHandlerContext> all = held;
    held = new ArrayList<>(all.size());
    byte[] body = body(List.of(content));
    for (ChannelHandlerContext one : all) {
      answer(one, Unpooled.wrappedBuffer(body), changes.size());
    }
  }

  private static byte[] body(List<String> contents) {
    StringBuilder body = new StringBuilder("[");
    for (String content : contents) {
      body.append(BEFORE).append(content).append(AFTER);
    }
    return body.append("{\"headers\":{\"control\":\"up-to-date\"}}]").toString().getBytes(US_ASCII);
  }

  private static void answer(ChannelHandlerContext context, ByteBuf body, long offset) {
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
    response
        .headers()
        .set("content-length", body.readableBytes())
        .set("electric-offset", offset + "_0")
        .set("electric-handle", "null")
        .set("electric-up-to-date", "");
    var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  private final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      String uri = request.uri();
      Matcher matcher = OFFSET.matcher(uri);
      int offset = matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
      if (request.method().equals(HttpMethod.POST)) {
        String content = request.content().toString(US_ASCII);
        answer(context, ascii("{\"success\":true,\"txid\":1}"), 0);
        if (uri.startsWith("/release")) {
          release(content);
        }
      } else if (uri.startsWith("/bytes/")) {
        answer(context, bulk(Integer.parseInt(uri.substring(7))), 0);
      } else if (uri.startsWith("/held")) {
        held(context, offset);
      } else {
        // The first answer is the snapshot.
        String change = "0:%d:%s".formatted(offset + 1, FILLER);
        answer(
            context,
            offset < 0 ? ascii("[]") : Unpooled.wrappedBuffer(body(List.of(change))),
            offset + 1);
      }
    }

    private void held(ChannelHandlerContext context, int offset) {
      if (offset < 0) {
        answer(context, ascii("[]"), changes.size());
      } else if (offset < changes.size()) {
        byte[] body = body(changes.subList(offset, changes.size()));
        answer(context, Unpooled.wrappedBuffer(body), changes.size());
      } else {
        held.add(context);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      held.remove(context);
    }
  }

  private static ByteBuf ascii(String body) {
    return Unpooled.wrappedBuffer(body.getBytes(US_ASCII));
  }

  private static ByteBuf bulk(int size) {
    byte[][] parts = new byte[Math.ceilDiv(size, BULK.length)][];
    Arrays.fill(parts, BULK);
    return Unpooled.wrappedBuffer(parts).slice(0, size);
  }
}
