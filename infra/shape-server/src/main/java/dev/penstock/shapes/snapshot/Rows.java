package dev.penstock.shapes.snapshot;

import dev.penstock.shapes.shape.Visibility;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/// A snapshot's answer: what tells which transactions it has, and its rows.
public final class Rows implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Rows.class);

  private final Visibility visibility;
  private final String xids;
  private final long start;
  private final long limit;
  private final byte[] first;
  private final @Nullable Snapshot rest;
  private final Scheduler scheduler;

  /// @param first the first rows, all of them if `rest` is null
  Rows(Snapshot snapshot, byte[] first, @Nullable Snapshot rest, Scheduler scheduler) {
    visibility = snapshot.visibility();
    start = snapshot.start();
    limit = snapshot.limit();
    this.first = first;
    this.rest = rest;
    this.scheduler = scheduler;
    StringBuilder text = new StringBuilder("\"xip_list\":[");
    for (int i = 0; i < visibility.running().size(); i++) {
      text.append(i == 0 ? "\"" : ",\"").append(unsigned(visibility.running().get(i))).append('"');
    }
    text.append("],\"xmax\":\"").append(unsigned(visibility.xmax()));
    xids = text.append("\",\"xmin\":\"").append(unsigned(visibility.xmin())).append('"').toString();
  }

  private static String unsigned(int xid) {
    return Integer.toUnsignedString(xid);
  }

  public Visibility visibility() {
    return visibility;
  }

  /// The instance's position before the snapshot: everything up to it is in the snapshot.
  public long start() {
    return start;
  }

  /// The end of the WAL behind the snapshot.
  public long limit() {
    return limit;
  }

  /// `"xip_list":[…],"xmax":"…","xmin":"…"`
  public String xids() {
    return xids;
  }

  /// Whether all rows are here, so that the answer can be given more than once.
  public boolean isWhole() {
    return rest == null;
  }

  /// The first rows with a comma behind each, all of them if [#isWhole]; never to be written to.
  public byte[] first() {
    return first;
  }

  /// The rows with a comma behind each, read as they are asked for.
  public Flux<byte[]> pieces() {
    Flux<byte[]> start = first.length == 0 ? Flux.empty() : Flux.just(first);
    Snapshot more = rest;
    if (more == null) {
      return start;
    }
    return start.concatWith(
        Flux.<byte[], Snapshot>generate(
                () -> more,
                (snapshot, sink) -> {
                  byte[] piece = snapshot.next();
                  if (piece == null) {
                    sink.complete();
                  } else {
                    sink.next(piece);
                  }
                  return snapshot;
                },
                _ -> close())
            .subscribeOn(scheduler));
  }

  /// Closes the snapshot soon, on a thread that may block.
  @Override
  public void close() {
    if (rest == null || rest.isClosed()) {
      return;
    }
    try {
      scheduler.schedule(rest::close);
    } catch (RejectedExecutionException e) {
      log.atDebug().setCause(e).log("a snapshot is left to the sweeper");
    }
  }
}
