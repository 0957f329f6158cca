package dev.penstock.gateway.collapse;

import dev.penstock.gateway.http.Upstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/// One exchange with the upstream and those who read its answer.
///
/// A piece is asked of the upstream when the fastest reader has taken all there is. It is kept
/// until the slowest has taken it, within the window; whoever is behind the window is cut. While
/// the window has the answer from its beginning, others may join, for 2 s and while all answers
/// together keep less than a quarter of the total.
final class SharedAnswer {
  // From its head on. What is kept for those who might come must not stay for as long as the only
  // reader of an answer stalls.
  private static final Duration JOINABLE = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(SharedAnswer.class);

  private final boolean alone;
  private final CollapseSettings settings;
  private final CollapseMetrics metrics;
  private final Function<Upstream.Head, Duration> reuse;
  private final Consumer<SharedAnswer> onClose;
  private final Disposable.Swap exchange = Disposables.swap();

  private final Pieces pieces;
  private final Set<Reader> readers = new HashSet<>();
  private int served;
  private Upstream.@Nullable Head head;
  private Duration life = Duration.ZERO;
  private @Nullable Subscription source;
  private @Nullable Throwable failure;
  // The first piece is asked for with the head.
  private boolean asked = true;
  private boolean complete;
  private boolean joinable = true;
  private boolean closed;

  /// Creates one; [#start] sends the request.
  ///
  /// @param alone whether nobody may join
  /// @param reuse how long a whole answer may be given to others after its end
  /// @param onClose run, once or twice, when nobody can join any more
  SharedAnswer(
      boolean alone,
      CollapseSettings settings,
      CollapseMetrics metrics,
      Function<Upstream.Head, Duration> reuse,
      Consumer<SharedAnswer> onClose) {
    this.alone = alone;
    this.settings = settings;
    this.metrics = metrics;
    this.reuse = reuse;
    this.onClose = onClose;
    this.pieces = new Pieces(metrics);
  }

  /// Whether the reader is one of this answer's now.
  synchronized boolean join(Reader reader) {
    if (closed || !joinable) {
      return false;
    }
    reader.joined(this);
    readers.add(reader);
    pieces.readerCame();
    served++;
    // At once: what others might join with is kept from the beginning.
    joinable = !alone;
    Upstream.Head known = head;
    if (known != null) {
      reader.headArrived(known);
    }
    return true;
  }

  void start(Upstream upstream, Upstream.Request request) {
    metrics.started();
    exchange.update(
        upstream.exchange(request, this::receive).subscribe(null, this::end, () -> end(null)));
  }

  private Mono<Void> receive(Upstream.Head arrived, Flux<DataBuffer> body) {
    Duration reusable = reuse.apply(arrived);
    return Mono.create(sink -> {
      List<Reader> waiting;
      synchronized (this) {
        head = arrived;
        life = reusable;
        waiting = List.copyOf(readers);
      }
      waiting.forEach(reader -> reader.headArrived(arrived));
      if (!alone) {
        Schedulers.parallel().schedule(this::begun, JOINABLE.toMillis(), TimeUnit.MILLISECONDS);
      }
      body.subscribe(new Source(sink));
    });
  }

  private final class Source extends BaseSubscriber<DataBuffer> {
    private final MonoSink<Void> sink;

    Source(MonoSink<Void> sink) {
      this.sink = sink;
      sink.onDispose(this);
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      synchronized (SharedAnswer.this) {
        source = subscription;
      }
      subscription.request(1);
    }

    @Override
    protected void hookOnNext(DataBuffer piece) {
      arrived(piece);
    }

    @Override
    protected void hookOnComplete() {
      sink.success();
    }

    @Override
    protected void hookOnError(Throwable broken) {
      sink.error(broken);
    }
  }

  private void arrived(DataBuffer piece) {
    List<Reader> waiting;
    synchronized (this) {
      asked = false;
      pieces.add(piece, alone, readers.size());
      if (closed) {
        pieces.clear();
        return;
      }
      // What is kept for those who might come goes before what slow readers lack.
      if (pieces.bytes() > settings.window() || metrics.kept() > settings.total() / 4) {
        joinable = false;
      }
      trim();
      waiting = List.copyOf(readers);
    }
    waiting.forEach(Reader::wake);
  }

  private void end(@Nullable Throwable cause) {
    List<Reader> waiting;
    boolean kept;
    boolean answered;
    Duration rest;
    synchronized (this) {
      complete = true;
      failure = cause;
      joinable = joinable && cause == null && !closed && life.isPositive();
      kept = joinable;
      answered = head != null;
      rest = life;
      trim();
      waiting = List.copyOf(readers);
    }
    metrics.ended(served);
    if (kept) {
      Schedulers.parallel().schedule(this::expire, rest.toMillis(), TimeUnit.MILLISECONDS);
    } else {
      onClose.accept(this);
    }
    if (answered) {
      waiting.forEach(Reader::wake);
    } else {
      Throwable reason = cause == null ? new IllegalStateException("no answer") : cause;
      LOG.atWarn().addKeyValue("cause", String.valueOf(reason.getCause())).log("no answer came");
      waiting.forEach(reader -> reader.failedBeforeHead(reason));
    }
  }

  private void begun() {
    synchronized (this) {
      if (complete) {
        return;
      }
      joinable = false;
      trim();
    }
    onClose.accept(this);
  }

  /// Nobody joins any more; those who read go on.
  void expire() {
    synchronized (this) {
      joinable = false;
      trim();
      if (readers.isEmpty()) {
        discard();
      }
    }
    onClose.accept(this);
  }

  /// The reader's next piece.
  ///
  /// @param wanted whether it can take one; the end it can always take
  Taken take(Reader reader, boolean wanted) {
    Subscription ask;
    synchronized (this) {
      CutException cut = reader.cut;
      if (cut != null) {
        return new Taken.Failure(cut);
      }
      if (!readers.contains(reader)) {
        return Taken.Nothing.YET;
      }
      if (pieces.has(reader.next)) {
        if (!wanted) {
          return Taken.Nothing.YET;
        }
        Taken.Piece piece = new Taken.Piece(pieces.take(reader.next++));
        trim();
        return piece;
      }
      if (complete) {
        return failure == null ? Taken.End.REACHED : new Taken.Failure(failure);
      }
      if (!wanted || asked || source == null) {
        return Taken.Nothing.YET;
      }
      asked = true;
      ask = source;
    }
    // Without the lock: where this is the event loop of the upstream's connection, the piece or the
    // end comes at once.
    ask.request(1);
    return Taken.Nothing.YET;
  }

  /// The last one that leaves ends the exchange.
  void leave(Reader reader) {
    boolean over;
    synchronized (this) {
      if (!readers.remove(reader)) {
        return;
      }
      pieces.readerLeft(reader.next);
      over = readers.isEmpty() && (!complete || !joinable) && !closed;
      if (over) {
        discard();
      } else {
        trim();
      }
    }
    if (over) {
      exchange.dispose();
      onClose.accept(this);
    }
  }

  private void discard() {
    closed = true;
    joinable = false;
    pieces.clear();
  }

  /// Drops what every reader has, once nobody can join, and cuts who is too far behind.
  private void trim() {
    if (joinable) {
      return;
    }
    pieces.dropTaken();
    // What has come whole costs nothing more by being read slowly.
    while (!complete && pieces.count() > 1 && pieces.bytes() > room()) {
      int first = pieces.first();
      for (Reader reader : new ArrayList<>(readers)) {
        if (reader.next == first) {
          readers.remove(reader);
          pieces.readerLeft(reader.next);
          reader.cut = metrics.cut(CutException.Reason.SLOW);
          reader.wake();
        }
      }
      pieces.dropTaken();
    }
  }

  private int room() {
    return metrics.kept() > settings.total() ? settings.window() / 16 : settings.window();
  }
}
