package dev.penstock.gateway.collapse;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/// Tells the reader on a channel that the channel takes bytes again. A channel has one answer at a
/// time, so one reader; all calls are in its event loop.
final class Writability extends ChannelInboundHandlerAdapter {
  private static final String NAME = "penstock-writability";

  private @Nullable Runnable listener;

  static Writability of(Channel channel) {
    if (channel.pipeline().get(NAME) instanceof Writability known) {
      return known;
    }
    Writability made = new Writability();
    channel.pipeline().addFirst(NAME, made);
    return made;
  }

  void listen(@Nullable Runnable reader) {
    listener = reader;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Runnable reader = listener;
    if (reader != null && context.channel().isWritable()) {
      // Not in the middle of whatever write or flush brought this event.
      context.channel().eventLoop().execute(reader);
    }
    context.fireChannelWritabilityChanged();
  }
}
