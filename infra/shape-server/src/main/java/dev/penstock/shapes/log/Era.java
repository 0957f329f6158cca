package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.trace.Spans;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.ShapeDefinition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// What this instance knows of one generation of the log. [#release], [#progress] and [#sweep] are
/// for the tail's thread; the rest is thread-safe.
final class Era {
  private static final long IDLE_NANOS = 300_000_000_000L;
  private static final long TUPLE_OVERHEAD = 64;

  private final UUID generation;
  private final boolean whole;
  private final TailSettings settings;
  private final Window window;
  private final Checkpoints checkpoints;
  private final Released released = new Released();
  private final Rotations rotations = new Rotations();
  private final Map<Long, Feed> feeds = new ConcurrentHashMap<>();
  private final List<Target> targets = new ArrayList<>();
  private final FeedIndex index = new FeedIndex();
  private long pending;
  private long feedBytes;
  private volatile long position;

  /// Who waits for a position.
  private record Target(long lsn, Runnable waiter) {}

  /// @param whole whether the log holds nothing of the generation before `state`
  Era(ReaderState state, boolean whole, TailSettings settings) {
    this.whole = whole;
    this.generation = state.generation();
    this.settings = settings;
    position = state.point().commitLsn();
    pending = position;
    window = new Window(position, settings.windowBytes());
    checkpoints = new Checkpoints(state);
  }

  UUID generation() {
    return generation;
  }

  /// Whether this instance has read the generation from where the log begins.
  boolean whole() {
    return whole;
  }

  /// The commit LSN up to which everything is released here.
  long position() {
    return position;
  }

  Window window() {
    return window;
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  int feedCount() {
    return feeds.size();
  }

  long waiting() {
    return feeds.values().stream().mapToLong(Feed::waiting).sum();
  }

  Released released() {
    return released;
  }

  /// The shape's feed, made where there is none: it has everything behind the transaction that is
  /// just being evaluated.
  Feed feed(ShapeDefinition shape) {
    Feed feed = feeds.get(shape.id());
    return feed != null && feed.touch() ? feed : added(shape);
  }

  private synchronized Feed added(ShapeDefinition shape) {
    Feed known = feeds.get(shape.id());
    if (known != null && known.touch()) {
      return known;
    }
    Feed added = new Feed(shape, pending);
    feeds.put(shape.id(), added);
    index.add(added);
    return added;
  }

  /// Whether the handle's stream has run into a rotation that this instance has read.
  boolean rotated(Handle handle, Feed feed) {
    return feed.rotated().rotate(handle) || rotations.rotate(handle, feed.shape().table());
  }

  void progress(ReaderState state) {
    synchronized (this) {
      pending = state.point().commitLsn();
    }
    checkpoints.offer(state, 0);
    reach(state.point().commitLsn());
  }

  /// Evaluates a transaction for every shape, and says whether it was a canary.
  boolean release(Transaction transaction) {
    long lsn = transaction.commitLsn();
    synchronized (this) {
      pending = lsn;
    }
    Evaluation evaluation =
        new Evaluation(
            transaction, index, rotations, settings.feedBytes(), settings.allFeedsBytes());
    transaction.forEach(evaluation::accept);
    Set<Feed> woken = evaluation.rotates() ? new HashSet<>(feeds.values()) : new HashSet<>();
    feedBytes += evaluation.finish(woken);
    window.add(new Recent(transaction, evaluation.oids(), evaluation.bytes()));
    long atMicros = Spans.micros();
    released.add(lsn, transaction.txid(), atMicros);
    checkpoints.offer(transaction.state(), evaluation.bytes());
    boundFeeds(lsn);
    reach(lsn);
    woken.forEach(feed -> feed.release().forEach(Runnable::run));
    if (settings.spans().isOn()) {
      settings
          .spans()
          .record(
              "released", evaluation.traceParent(), 1_000 * transaction.writtenMillis(), atMicros);
    }
    return evaluation.isCanary();
  }

  static long bytes(LogEntry.RowChange change) {
    return TUPLE_OVERHEAD
        + switch (change) {
          case LogEntry.Insert insert -> insert.row().byteSize();
          case LogEntry.Update update ->
              update.row().byteSize() + (update.old() == null ? 0 : update.old().byteSize());
          case LogEntry.Delete delete -> delete.old().byteSize();
          case LogEntry.SnapshotRow row -> row.row().byteSize();
          case LogEntry.Oversize _ -> 0;
        };
  }

  /// Forgets feeds that nobody used for five minutes.
  void sweep() {
    feeds.values().stream().filter(feed -> feed.retire(IDLE_NANOS)).toList().forEach(this::remove);
  }

  private synchronized void remove(Feed feed) {
    feeds.remove(feed.shape().id(), feed);
    feedBytes -= feed.forget(position);
    index.remove(feed);
    feed.release().forEach(Runnable::run);
  }

  /// This generation is over: everybody looks again.
  void end() {
    feeds.values().forEach(feed -> feed.release().forEach(Runnable::run));
    reach(-1);
  }

  /// Calls `waiter` once the position is reached; false if it is already.
  boolean await(long lsn, Runnable waiter) {
    synchronized (targets) {
      if (Long.compareUnsigned(position, lsn) >= 0) {
        return false;
      }
      targets.add(new Target(lsn, waiter));
      return true;
    }
  }

  void leave(Runnable waiter) {
    synchronized (targets) {
      targets.removeIf(target -> target.waiter().equals(waiter));
    }
  }

  private void reach(long lsn) {
    List<Target> reached;
    synchronized (targets) {
      position = lsn;
      reached = targets.stream().filter(t -> Long.compareUnsigned(t.lsn(), lsn) <= 0).toList();
      targets.removeAll(reached);
    }
    reached.forEach(target -> target.waiter().run());
  }

  private void boundFeeds(long lsn) {
    if (feedBytes <= settings.allFeedsBytes()) {
      return;
    }
    for (Feed feed : feeds.values()) {
      if (feed.waiting() == 0 || feedBytes > settings.allFeedsBytes()) {
        feedBytes -= feed.forget(lsn);
      }
    }
  }
}
