package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
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
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Answers at once and does nothing: what the load generator reaches against it is the most that it
/// could measure. A live request gets the next change, a POST a command's answer.
final class NullServer {
  private static final Pattern OFFSET = Pattern.compile("offset=(\\d+)_");
  private static final String CHANGE =
      "[{\"key\":\"k\",\"value\":{\"id\":\"00000000-0000-0000-0000-000000000000\",\"content\":\"0:%d:"
          + "x".repeat(80)
          + "\"},\"headers\":{\"operation\":\"insert\",\"txids\":[1]}},"
          + "{\"headers\":{\"control\":\"up-to-date\"}}]";

  private NullServer() {}

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
  public static void main(String[] arguments) throws IOException, InterruptedException {
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
                        new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Answering());
              }
            })
        .bind("127.0.0.1", Integer.parseInt(arguments[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  private static final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      long next = 0;
      String body = "[]";
      Matcher offset = OFFSET.matcher(request.uri());
      if (request.method().equals(HttpMethod.POST)) {
        body = "{\"success\":true,\"txid\":1}";
      } else if (offset.find()) {
        next = Long.parseLong(offset.group(1)) + 1;
        body = CHANGE.formatted(next);
      }
      var response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              Unpooled.wrappedBuffer(body.getBytes(US_ASCII)));
      response
          .headers()
          .set("content-length", response.content().readableBytes())
          .set("electric-offset", next + "_0")
          .set("electric-handle", "null")
          .set("electric-up-to-date", "");
      var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }
}
