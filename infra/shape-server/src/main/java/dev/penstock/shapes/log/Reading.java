package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.Batch;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.Offset;
import dev.penstock.shapes.shape.Visibility;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// One shape's log in one generation, as a request sees it. Holds no thread while it waits.
public final class Reading {
  /// Quiet shapes' offsets move on in steps of this many bytes of WAL, the same on every instance,
  /// so that nobody has to read much of the log to learn that nothing happened.
  private static final long STRIDE = 16 << 20;

  private static final Duration CATCH_UP = Duration.ofSeconds(25);

  private final Tail tail;
  private final Era era;
  private final AtomicReference<Feed> feed;
  private final ScheduledExecutorService waiter;
  private final Scheduler windowScheduler;
  private final CatchUps catchUps;

  Reading(
      Tail tail,
      Era era,
      Feed feed,
      ScheduledExecutorService waiter,
      Scheduler windowScheduler,
      CatchUps catchUps) {
    this.tail = tail;
    this.era = era;
    this.feed = new AtomicReference<>(feed);
    this.waiter = waiter;
    this.windowScheduler = windowScheduler;
    this.catchUps = catchUps;
  }

  /// The feed, or the one that took its place after nobody had used it for long.
  private Feed feed() {
    return feed.updateAndGet(known -> known.touch() ? known : era.feed(known.shape()));
  }

  public UUID generation() {
    return era.generation();
  }

  /// The commit LSN up to which everything is released on this instance.
  public long position() {
    return era.position();
  }

  /// Whether a snapshot sees everything that was released up to a position.
  public boolean allVisible(Visibility visibility, long upTo) {
    return era.released().allVisible(visibility, upTo);
  }

  /// A place in the order of what was released, to be taken before one looks who hangs.
  public long mark() {
    return era.released().count();
  }

  /// Says that whatever was released up to a mark is visible by now.
  public void settle(long mark) {
    era.released().settle(mark);
  }

  /// Whether [#allVisible] knows everything that was released up to a mark and may be invisible.
  public boolean isSettled(long mark) {
    return era.released().isSettled(mark);
  }

  /// Whether the handle is over, as far as this instance has read.
  public boolean isRotated(Handle handle) {
    return isPast() || era.rotated(handle, feed.get());
  }

  /// Whether the log was found to hold nothing behind this instance's position since a time.
  public boolean isAtEndSince(long nanos) {
    return tail.isAtEndSince(nanos);
  }

  /// The same from now on, once it is known; false if it is not in time.
  public Mono<Boolean> isAtEnd(Duration patience) {
    long since = System.nanoTime();
    return Mono.fromSupplier(() -> tail.isAtEndSince(since))
        .filter(known -> known)
        .repeatWhenEmpty(none -> none.delayElements(Duration.ofMillis(50)))
        .timeout(patience, Mono.just(false));
  }

  /// Waits until this instance has reached a position; false if it did not in time.
  public Mono<Boolean> reach(long lsn, Duration patience) {
    if (Long.compareUnsigned(era.position(), lsn) >= 0) {
      return Mono.just(true);
    }
    return told(patience, news -> era.await(lsn, news), era::leave);
  }

  /// What is behind an offset, up to about `limit` bytes.
  public Mono<Outcome> read(Handle handle, Offset after, long limit) {
    Feed from = feed();
    long position = era.position();
    List<Feed.Entry> entries = from.after(from(handle, after), isWithin(after));
    if (isRotated(handle)) {
      return Mono.just(new Outcome.Rotated());
    }
    if (entries != null) {
      return Mono.just(new Outcome.Found(chunk(entries, handle, after, position, limit)));
    }
    return Mono.fromCallable(() -> fromWindow(from, handle, after, limit))
        .subscribeOn(windowScheduler)
        .switchIfEmpty(
            Mono.defer(() ->
                Mono.fromFuture(catchUps.read(era, from, handle, after, limit), true)
                    .publishOn(Schedulers.fromExecutor(waiter))
                    .timeout(CATCH_UP, Mono.just(new Outcome.Unavailable()))))
        .map(outcome -> isRotated(handle) ? new Outcome.Rotated() : outcome);
  }

  /// Evaluates the recent transactions again; null if they do not reach back so far.
  private @Nullable Outcome fromWindow(Feed from, Handle handle, Offset after, long limit) {
    long seen = era.position();
    List<Recent> recent = era.window().after(from(handle, after), isWithin(after));
    if (recent == null) {
      return null;
    }
    Scan scan = new Scan(from.shape(), handle, after, limit);
    long oid = from.shape().table().oid();
    for (Recent one : recent) {
      // A rotation of this window's time is among the era's.
      if (one.oids().contains(oid) && !scan.accept(one.transaction())) {
        return scan.isRotated() ? new Outcome.Rotated() : new Outcome.Found(scan.partial());
      }
      seen = later(one.lsn(), seen);
    }
    return new Outcome.Found(complete(scan.slices(), scan.end(), handle, seen));
  }

  /// The same, but waits for something to be there; nothing when `patience` is over.
  public Mono<Outcome> readOrWait(Handle handle, Offset after, long limit, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    return Mono.defer(() -> readOrWait(handle, after, limit, deadline));
  }

  private Mono<Outcome> readOrWait(Handle handle, Offset after, long limit, long deadline) {
    return read(handle, after, limit)
        .flatMap(outcome -> {
          Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
          if (left.isZero() || !(outcome instanceof Outcome.Found found)) {
            return Mono.just(outcome);
          }
          if (!found.chunk().isEmpty() || !found.chunk().complete()) {
            return Mono.just(outcome);
          }
          long seen = found.chunk().seen();
          return news(handle, seen, left)
              .then(Mono.defer(() -> readOrWait(handle, after, limit, deadline)));
        });
  }

  private Mono<Boolean> news(Handle handle, long seen, Duration patience) {
    Feed watched = feed();
    long from = watched.from();
    if (Long.compareUnsigned(from, era.position()) > 0) {
      // It begins behind the transaction that is just being released.
      return reach(from, patience);
    }
    // What ends the handle is looked at behind the parking: it wakes only who waits.
    return told(patience, news -> watched.park(seen, news) && !isRotated(handle), watched::leave);
  }

  /// Waits to be told something, on the waiter; false if it was not in time. A thousand wait at
  /// once, and each for every change anew: so this is one object and one timer, not a chain.
  ///
  /// @param enters puts the one that is to be run among those who are told; false if there is
  ///   nothing to wait for
  private Mono<Boolean> told(
      Duration patience, Predicate<Runnable> enters, Consumer<Runnable> leaves) {
    return Mono.create(sink -> {
      Runnable news = () -> waiter.execute(() -> sink.success(true));
      Future<?> end =
          waiter.schedule(() -> sink.success(false), patience.toNanos(), TimeUnit.NANOSECONDS);
      if (!enters.test(news)) {
        news.run();
      }
      // Behind it, so that a sink that is disposed already leaves again.
      sink.onDispose(() -> {
        end.cancel(false);
        leaves.accept(news);
      });
    });
  }

  private boolean isPast() {
    Era now = tail.era();
    return now == null || !now.equals(era);
  }

  /// Whether an offset lies within a transaction, whose rest is still to come.
  static boolean isWithin(Offset after) {
    return after.lsn() != 0 && after.op() != Offset.INF;
  }

  /// The position behind which the log counts for a request.
  static long from(Handle handle, Offset after) {
    return later(after.lsn(), handle.start());
  }

  /// The later of two positions.
  public static long later(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static Chunk chunk(
      List<Feed.Entry> entries, Handle handle, Offset after, long position, long limit) {
    List<Chunk.Slice> slices = new ArrayList<>();
    Offset end = after;
    long seen = position;
    long left = limit;
    for (Feed.Entry entry : entries) {
      Batch batch = entry.batch();
      int from = entry.lsn() == after.lsn() ? batch.after(after.op()) : 0;
      if (left <= 0) {
        return new Chunk(slices, end, false, 0);
      }
      if (from < batch.count() && handle.delivers(entry.lsn(), entry.xid())) {
        int to = batch.cut(from, left);
        int start = batch.start(from);
        slices.add(new Chunk.Slice(batch.json(), start, batch.end(to - 1) + 1 - start));
        left -= batch.end(to - 1) - start;
        end = new Offset(entry.lsn(), batch.op(to - 1));
        if (to < batch.count()) {
          return new Chunk(slices, end, false, 0);
        }
      }
      seen = Long.compareUnsigned(entry.lsn(), seen) > 0 ? entry.lsn() : seen;
    }
    return complete(slices, end, handle, seen);
  }

  static Chunk complete(List<Chunk.Slice> slices, Offset reached, Handle handle, long seen) {
    Offset stride = new Offset(seen & -STRIDE, Offset.INF);
    boolean quiet =
        slices.isEmpty() && Long.compareUnsigned(stride.lsn(), from(handle, reached)) > 0;
    return new Chunk(slices, quiet ? stride : reached, true, seen);
  }
}
