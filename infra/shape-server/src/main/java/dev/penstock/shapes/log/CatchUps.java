package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogClaims;
import dev.penstock.contracts.log.LogTruncatedException;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.Offset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the log again for requests that are behind the window: a few readers, each of which takes
/// along every request whose place it comes by. Equal requests are one.
final class CatchUps implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CatchUps.class);
  private static final int MAX_WAITING = 2_000;

  private final TailSettings settings;
  private final Map<Request, Behind> requests = new ConcurrentHashMap<>();
  private final Map<Behind, Boolean> waiting = new LinkedHashMap<>();
  private final List<Thread> readers = new ArrayList<>();
  private volatile boolean closed;
  private volatile long started;

  private record Request(Era era, Feed feed, Handle handle, Offset after, long limit) {}

  CatchUps(TailSettings settings) {
    this.settings = settings;
    for (int i = 0; i < settings.catchUpReaders(); i++) {
      readers.add(Thread.ofPlatform().name("shapes-catch-up-" + i).daemon().start(this::run));
    }
  }

  /// How many readers of the log were opened.
  long started() {
    return started;
  }

  int waiting() {
    return requests.size();
  }

  /// What is behind an offset.
  ///
  /// @throws RejectedExecutionException if too many wait already
  CompletableFuture<Outcome> read(Era era, Feed feed, Handle handle, Offset after, long limit) {
    Request request = new Request(era, feed, handle, after, limit);
    Behind mine = new Behind(era, feed, handle, after, limit);
    if (era.checkpoints().behind(mine.from(), mine.inclusive()) > settings.catchUpBytes()) {
      return CompletableFuture.completedFuture(new Outcome.Rotated());
    }
    Behind known = requests.putIfAbsent(request, mine);
    if (known != null) {
      return known.outcome();
    }
    var _ = mine.outcome().whenComplete((_, _) -> requests.remove(request, mine));
    synchronized (waiting) {
      if (closed || waiting.size() >= MAX_WAITING) {
        requests.remove(request, mine);
        throw new RejectedExecutionException("too many requests are behind the log");
      }
      waiting.put(mine, true);
      waiting.notifyAll();
    }
    return mine.outcome();
  }

  /// Takes those of the waiting that a reader at `position` can serve.
  List<Behind> join(Era era, long position, long reach) {
    List<Behind> joining = new ArrayList<>();
    synchronized (waiting) {
      for (Iterator<Behind> all = waiting.keySet().iterator(); all.hasNext(); ) {
        Behind one = all.next();
        if (one.era().equals(era)
            && one.mayJoin(position)
            && Long.compareUnsigned(one.from(), position + reach) <= 0) {
          joining.add(one);
          all.remove();
        }
      }
    }
    return joining;
  }

  private @Nullable Behind next() throws InterruptedException {
    synchronized (waiting) {
      while (waiting.isEmpty() && !closed) {
        waiting.wait();
      }
      if (closed) {
        return null;
      }
      Behind first = waiting.keySet().iterator().next();
      waiting.remove(first);
      return first;
    }
  }

  private void run() {
    try {
      for (Behind first = next(); first != null; first = next()) {
        read(first);
      }
    } catch (InterruptedException e) {
      log.atDebug().log("catching up was stopped");
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // a figure for tests and people
  private void read(Behind first) {
    try {
      ReaderState place = place(first);
      if (place == null) {
        first.done(new Outcome.Rotated());
        return;
      }
      started++;
      new SharedScan(settings, this, first, place).run();
    } catch (LogTruncatedException e) {
      log.atInfo().setCause(e).log("a request is older than the log");
      first.done(new Outcome.Rotated());
    } catch (KafkaException e) {
      if (!closed) {
        log.atWarn().setCause(e).log("the log cannot be read for a request");
      }
      first.done(new Outcome.Unavailable());
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("a request's part of the log cannot be read");
      first.done(new Outcome.Unavailable());
    }
  }

  /// Where to start; null if the log, or as much of it as may be read, does not reach back.
  private @Nullable ReaderState place(Behind first) {
    Checkpoints checkpoints = first.era().checkpoints();
    ReaderState known = checkpoints.before(first.from(), first.inclusive());
    long latest = first.inclusive() ? first.from() - 1 : first.from();
    if (known != null || first.era().whole() || checkpoints.isNone(latest)) {
      return known;
    }
    ReaderState begin = checkpoints.first();
    Optional<LogClaims.Place> found =
        LogClaims.before(
            SharedScan.kafka(settings),
            settings.topic(),
            begin.nextOffset(),
            begin.generation(),
            latest,
            settings.catchUpBytes());
    found.ifPresentOrElse(
        place -> checkpoints.addBefore(place.state(), place.bytes()),
        () -> checkpoints.none(latest));
    return found.map(LogClaims.Place::state).orElse(null);
  }

  @Override
  public void close() {
    closed = true;
    synchronized (waiting) {
      waiting.notifyAll();
    }
    readers.forEach(Thread::interrupt);
    requests.values().forEach(request -> request.done(new Outcome.Unavailable()));
  }
}
