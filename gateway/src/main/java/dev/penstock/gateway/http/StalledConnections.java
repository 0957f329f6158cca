package dev.penstock.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Closes a connection whose peer takes no byte for a time while there are some to be sent. It
/// stands next to the socket, where every kind of answer and both versions of HTTP pass.
public final class StalledConnections extends ChannelDuplexHandler {
  private final Duration limit;
  private final Counter cut;
  private @Nullable ScheduledFuture<?> check;
  private long written;
  private long sentBefore;

  /// @param limit without one byte taken
  /// @param cut counts the connections closed
  public StalledConnections(Duration limit, Counter cut) {
    this.limit = limit;
    this.cut = cut;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      written += bytes.readableBytes();
    }
    var _ = context.write(message, promise);
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    context.flush();
    if (check == null && pending(context) > 0) {
      schedule(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (check != null) {
      check.cancel(false);
      check = null;
    }
    context.fireChannelInactive();
  }

  private void schedule(ChannelHandlerContext context) {
    sentBefore = sent(context);
    check =
        context.executor().schedule(() -> check(context), limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void check(ChannelHandlerContext context) {
    check = null;
    if (pending(context) == 0) {
      return;
    }
    if (sent(context) > sentBefore) {
      schedule(context);
      return;
    }
    cut.increment();
    var _ = context.close();
  }

  /// Bytes that the socket took, but for a constant per message that makes it too small while
  /// messages wait: progress is never seen where there is none.
  private long sent(ChannelHandlerContext context) {
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    return buffer == null
        ? written
        : written - buffer.totalPendingWriteBytes() + buffer.currentProgress();
  }

  private static long pending(ChannelHandlerContext context) {
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }
}
