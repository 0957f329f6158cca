package dev.penstock.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The least that stands before a service: it passes bytes on, each connection to one of its own,
/// and reads none of them. What it loses is the price of one more process on the way, which no
/// gateway can do without.
final class BareRelay {
  private BareRelay() {}

  /// @param service that it passes everything on to
  static Service start(Rig rig, Service service) throws Exception {
    int port = Stand.freePort();
    Service relay =
        Service.start(
            BareRelay.class,
            rig.stand().directory(),
            "bare-relay",
            port,
            List.of(Integer.toString(port), Integer.toString(service.port())));
    Waiting.until("the bare relay", () -> Http.status(relay.url() + "/") == 200);
    return relay;
  }

  /// Arguments: its own port, and the service's.
  public static void main(String[] arguments) throws InterruptedException {
    int service = Integer.parseInt(arguments[1]);
    new ServerBootstrap()
        .group(new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory()))
        .channel(NioServerSocketChannel.class)
        .childOption(ChannelOption.AUTO_READ, false)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel caller) {
                connect(caller, service);
              }
            })
        .bind("127.0.0.1", Integer.parseInt(arguments[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  /// Reads nothing of the caller before the service can be written to.
  private static void connect(Channel caller, int service) {
    Channel target =
        new Bootstrap()
            .group(caller.eventLoop())
            .channel(NioSocketChannel.class)
            .handler(new Passing(caller))
            .connect("127.0.0.1", service)
            .addListener(connected -> caller.config().setAutoRead(connected.isSuccess()))
            .channel();
    caller.pipeline().addLast(new Passing(target));
  }

  /// Passes on what its own channel reads; both end together.
  private static final class Passing extends ChannelInboundHandlerAdapter {
    private final Channel other;

    Passing(Channel other) {
      this.other = other;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      var _ = other.writeAndFlush(bytes).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      var _ = other.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, @Nullable Throwable cause) {
      var _ = context.close();
    }
  }
}
