package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One client that follows one shape.
final class LiveClient extends SimpleChannelInboundHandler<FullHttpResponse> {
  private static final String CONTENT = "\"content\":\"";

  private final Target target;
  private final CountDownLatch ready;
  private final LiveClients all;
  private String position = "&offset=-1";
  private boolean live;
  private long last;

  LiveClient(Target target, CountDownLatch ready, LiveClients all) {
    this.target = target;
    this.ready = ready;
    this.all = all;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ask(context);
  }

  private void ask(ChannelHandlerContext context) {
    var request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.GET,
            target.path() + position + (live ? "&live=true" : ""));
    request.headers().set(HttpHeaderNames.HOST, "bench");
    if (target.token() != null) {
      request.headers().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + target.token());
    }
    var _ = context.writeAndFlush(request);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
    long now = System.nanoTime();
    int status = response.status().code();
    if (status == 503 && !live) {
      // As a client does: the snapshot is asked for again.
      var _ = context.executor().schedule(() -> ask(context), 100, TimeUnit.MILLISECONDS);
      return;
    }
    if (status != 200) {
      all.failed(status + " " + response.content().toString(UTF_8));
      return;
    }
    all.answered(response.content().readableBytes());
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

  /// What the snapshot has is not measured, but it is where the count goes on.
  private void body(String body, long now) {
    for (int at = body.indexOf(CONTENT); at >= 0; at = body.indexOf(CONTENT, at + 1)) {
      int start = at + CONTENT.length();
      int colon = body.indexOf(':', start);
      int end = body.indexOf(':', colon + 1);
      if (colon < 0 || end < 0) {
        all.failed("not a change: " + body.substring(start, Math.min(body.length(), start + 40)));
        return;
      }
      long seq = Long.parseLong(body, colon + 1, end, 10);
      if (!live) {
        last = Math.max(last, seq);
        continue;
      }
      if (seq != last + 1) {
        all.failed("change " + seq + " after " + last);
      }
      last = seq;
      all.received(Integer.parseInt(body, start, colon, 10), now);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    all.failed("disconnected");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    all.failed(cause.toString());
    var _ = context.close();
  }
}
