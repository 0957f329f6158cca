package dev.penstock.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Many live clients by long poll, on one thread, which check that each gets every change of its
/// conversation once and in order, and note when.
final class LiveClients implements AutoCloseable {
  /// Connected at once, fewer than a shape server takes first requests.
  private static final int BURST = 100;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private int[] changes = new int[1 << 12];
  private long[] seen = new long[1 << 12];
  private volatile int received;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();

  /// Adds clients, one per target, and waits until each has its snapshot and is live.
  void add(List<Target> targets) throws InterruptedException {
    for (int from = 0; from < targets.size(); from += BURST) {
      List<Target> burst = targets.subList(from, Math.min(targets.size(), from + BURST));
      CountDownLatch ready = new CountDownLatch(burst.size());
      for (Target target : burst) {
        connect(target, ready);
      }
      if (!ready.await(120, TimeUnit.SECONDS)) {
        throw new IllegalStateException("not live: " + ready.getCount() + " " + failures);
      }
    }
  }

  private void connect(Target target, CountDownLatch ready) throws InterruptedException {
    new Bootstrap()
        .group(group)
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new HttpClientCodec(),
                        new HttpObjectAggregator(64 << 20),
                        new LiveClient(target, ready, LiveClients.this));
              }
            })
        .connect(target.server().getHost(), target.server().getPort())
        .sync();
  }

  /// Of the one thread of all clients.
  void received(int change, long nanos) {
    int at = received;
    if (at == changes.length) {
      changes = Arrays.copyOf(changes, 2 * at);
      seen = Arrays.copyOf(seen, 2 * at);
    }
    changes[at] = change;
    seen[at] = nanos;
    received = at + 1;
  }

  void answered(int size) {
    requests.incrementAndGet();
    bytes.addAndGet(size);
  }

  void failed(String what) {
    if (!group.isShuttingDown()) {
      failures.add(what);
    }
  }

  int received() {
    return received;
  }

  /// Answers taken.
  long requests() {
    return requests.get();
  }

  /// Bytes of bodies taken.
  long bytes() {
    return bytes.get();
  }

  /// Waits until all clients together have received so many changes.
  ///
  /// @throws IllegalStateException if a client saw a change twice, late or not at all
  void await(long count) throws Exception {
    Waiting.until(count + " changes", () -> received >= count || !failures.isEmpty());
    if (!failures.isEmpty()) {
      throw new IllegalStateException(failures.size() + " clients: " + failures.peek());
    }
  }

  /// Adds what was received of the changes from one on.
  void record(Changes written, int from, Latencies into) {
    for (int i = 0; i < received; i++) {
      int change = changes[i];
      if (change >= from) {
        into.record(written.intended(change), written.committed(change), seen[i]);
      }
    }
  }

  /// When each change was first received, from one on; 0 for one that was not.
  long[] firstSeen(int from, int count) {
    long[] times = new long[count];
    for (int i = received - 1; i >= 0; i--) {
      int at = changes[i] - from;
      if (at >= 0 && at < count) {
        times[at] = seen[i];
      }
    }
    return times;
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
