package dev.penstock.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.ReferenceCountUtil;

/// Counts what Netty itself refuses for the length of its URL or headers, before there is a request
/// that a filter could see, and says so in a problem, where Netty has no word.
@ChannelHandler.Sharable
final class TooLongRequests extends ChannelOutboundHandlerAdapter {
  private final Counter urls;
  private final Counter headers;

  TooLongRequests(MeterRegistry meters) {
    urls = meters.counter("penstock.gateway.refused", "limit", "url");
    headers = meters.counter("penstock.gateway.refused", "limit", "headers");
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    var _ =
        context.write(message instanceof FullHttpResponse answer ? said(answer) : message, promise);
  }

  private FullHttpResponse said(FullHttpResponse answer) {
    // Ours have a type.
    if (answer.headers().contains(HttpHeaderNames.CONTENT_TYPE)) {
      return answer;
    }
    return switch (answer.status().code()) {
      case 414 -> {
        urls.increment();
        yield problem(answer, "The URL is too long");
      }
      case 431 -> {
        headers.increment();
        yield problem(answer, "The headers are too long");
      }
      default -> answer;
    };
  }

  private static FullHttpResponse problem(FullHttpResponse refusal, String detail) {
    byte[] body = Answers.problem(refusal.status().code(), detail, null);
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            refusal.protocolVersion(), refusal.status(), Unpooled.wrappedBuffer(body));
    answer
        .headers()
        .set(refusal.headers())
        .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    ReferenceCountUtil.release(refusal);
    return answer;
  }
}
