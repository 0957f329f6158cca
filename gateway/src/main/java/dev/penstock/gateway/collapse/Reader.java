package dev.penstock.gateway.collapse;

import dev.penstock.gateway.http.Upstream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;

/// One client's way through a [SharedAnswer]. It takes the next piece when its channel can take
/// bytes, not when the framework has room: the framework's queues would hold a hundred pieces for a
/// client that reads nothing.
///
/// Everything but [#next] and [#cut] is touched in the event loop of its channel alone.
final class Reader extends Flux<DataBuffer> implements Subscription {
  private final Channel channel;
  // Kept: a channel that is gone has none, and the failure would be everybody's who shares the
  // answer.
  private final EventLoop loop;
  private final NettyDataBufferFactory buffers;
  private final Duration stall;
  private final CollapseMetrics metrics;
  private final Sinks.One<Upstream.Head> head = Sinks.unsafe().one();
  private final AtomicLong demand = new AtomicLong();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile @Nullable SharedAnswer answer;
  private volatile @Nullable CoreSubscriber<? super DataBuffer> subscriber;
  private @Nullable ScheduledFuture<?> stalled;
  private boolean ended;

  /// Index of the piece it wants; guarded by the answer.
  int next;

  /// Why it gets nothing more; guarded by the answer.
  @Nullable CutException cut;

  Reader(Channel channel, Duration stall, CollapseMetrics metrics) {
    this.channel = channel;
    this.loop = channel.eventLoop();
    this.buffers = new NettyDataBufferFactory(channel.alloc());
    this.stall = stall;
    this.metrics = metrics;
  }

  /// Called once, before anything else comes from the answer.
  void joined(SharedAnswer mine) {
    answer = mine;
  }

  /// Head of the answer; fails with what failed before there was one.
  Mono<Upstream.Head> head() {
    return head.asMono();
  }

  void headArrived(Upstream.Head arrived) {
    loop.execute(() -> head.tryEmitValue(arrived));
  }

  void failedBeforeHead(Throwable failure) {
    loop.execute(() -> head.tryEmitError(failure));
  }

  /// There may be something to do; from any thread.
  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      loop.execute(this::drain);
    }
  }

  @Override
  public void subscribe(CoreSubscriber<? super DataBuffer> actual) {
    if (subscriber != null) {
      Operators.error(actual, new IllegalStateException("a reader is read once"));
      return;
    }
    subscriber = actual;
    actual.onSubscribe(this);
  }

  @Override
  public void request(long count) {
    if (Operators.validate(count)) {
      demand.accumulateAndGet(count, Operators::addCap);
      wake();
    }
  }

  @Override
  public void cancel() {
    loop.execute(this::end);
  }

  private void drain() {
    scheduled.set(false);
    CoreSubscriber<? super DataBuffer> actual = subscriber;
    SharedAnswer shared = answer;
    if (actual == null || shared == null) {
      return;
    }
    while (!ended) {
      if (demand.get() > 0 && !channel.isWritable()) {
        waitForTheClient();
        return;
      }
      clearStall();
      switch (shared.take(this, demand.get() > 0)) {
        case Taken.Piece(ByteBuf bytes) -> {
          demand.decrementAndGet();
          actual.onNext(buffers.wrap(bytes));
        }
        case Taken.Nothing _ -> {
          return;
        }
        case Taken.End _ -> {
          end();
          actual.onComplete();
        }
        case Taken.Failure(CutException why) -> cut(actual, why);
        case Taken.Failure(Throwable failure) -> {
          end();
          actual.onError(failure);
        }
      }
    }
  }

  private void waitForTheClient() {
    if (stalled == null && channel.isActive()) {
      Writability.of(channel).listen(this::wake);
      stalled = loop.schedule(this::checkStall, stall.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void checkStall() {
    CoreSubscriber<? super DataBuffer> actual = subscriber;
    if (!ended && actual != null && !channel.isWritable()) {
      cut(actual, metrics.cut(CutException.Reason.STALLED));
    }
  }

  private void cut(CoreSubscriber<? super DataBuffer> actual, CutException why) {
    end();
    // First, so that what waits to be written is dropped and the cut answer cannot look whole.
    var _ = channel.close();
    actual.onError(why);
  }

  private void end() {
    ended = true;
    clearStall();
  }

  private void clearStall() {
    if (stalled != null) {
      stalled.cancel(false);
      stalled = null;
      Writability.of(channel).listen(null);
    }
  }
}
