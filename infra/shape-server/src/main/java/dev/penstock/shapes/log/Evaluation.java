package dev.penstock.shapes.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.shapes.shape.Batch;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One transaction against all shapes of the tables that it changes: each change is evaluated and
/// serialised once per shape.
final class Evaluation {
  private static final Logger log = LoggerFactory.getLogger(Evaluation.class);

  private enum Fate {
    WRITTEN,
    TOO_LARGE,
    ROTATED
  }

  private final long lsn;
  private final long xid;
  private final FeedIndex index;
  private final Rotations rotations;
  private final long feedLimit;
  private final long allFeedsLimit;
  private final Map<Feed, Fate> touched = new LinkedHashMap<>();
  private final Set<Long> oids = new HashSet<>();
  private long unfinished;
  private long seq;
  private long bytes = 256;
  private boolean rotates;
  private @Nullable String traceParent;
  private boolean canary;

  Evaluation(
      Transaction transaction,
      FeedIndex index,
      Rotations rotations,
      long feedLimit,
      long allFeedsLimit) {
    lsn = transaction.commitLsn();
    xid = transaction.txid();
    this.index = index;
    this.rotations = rotations;
    this.feedLimit = feedLimit;
    this.allFeedsLimit = allFeedsLimit;
  }

  /// The transaction's trace context, null where it has none.
  @Nullable String traceParent() {
    return traceParent;
  }

  /// Whether it was committed only to be seen here.
  boolean isCanary() {
    return canary;
  }

  void accept(LogEntry entry) {
    if (entry instanceof LogEntry.Message message) {
      if (traceParent == null && message.prefix().equals(Outbox.TRACE)) {
        traceParent = new String(message.content(), UTF_8);
      }
      canary |= message.prefix().equals(Outbox.HEARTBEAT);
    }
    rotates |= rotations.add(entry, lsn, xid);
    if (entry instanceof LogEntry.RowChange sent) {
      long op = 2 * seq++;
      bytes += Era.bytes(sent);
      oids.add(sent.relation().oid());
      LogEntry.RowChange change = completed(sent);
      for (Feed feed : index.concerned(change)) {
        if (feed.takes(lsn)) {
          touched.put(feed, add(feed, change, op));
        }
      }
    }
  }

  /// With the values that did not change, once for all shapes.
  private static LogEntry.RowChange completed(LogEntry.RowChange change) {
    return change instanceof LogEntry.Update update && update.old() != null
        ? new LogEntry.Update(
            update.relation(), update.old(), update.row().withUnchangedFrom(update.old()))
        : change;
  }

  private Fate add(Feed feed, LogEntry.RowChange change, long op) {
    Fate fate = touched.get(feed);
    if (fate == null) {
      feed.writer().begin(lsn, xid);
      fate = Fate.WRITTEN;
    }
    if (fate != Fate.WRITTEN) {
      return fate;
    }
    int before = feed.writer().length();
    fate = write(feed, change, op);
    unfinished += feed.writer().length() - before;
    if (fate == Fate.WRITTEN
        && (feed.writer().length() > feedLimit || unfinished > allFeedsLimit)) {
      fate = Fate.TOO_LARGE;
    }
    if (fate != Fate.WRITTEN) {
      unfinished -= feed.writer().length();
      feed.writer().discard();
    }
    return fate;
  }

  private Fate write(Feed feed, LogEntry.RowChange change, long op) {
    try {
      return feed.writer().add(change, op) ? Fate.WRITTEN : Fate.ROTATED;
    } catch (RuntimeException e) {
      log.atWarn()
          .setCause(e)
          .addKeyValue("lsn", lsn)
          .addKeyValue("txid", xid)
          .log("a change could not be evaluated for a shape");
      return Fate.ROTATED;
    }
  }

  /// Gives the feeds what is theirs.
  ///
  /// @param woken receives the feeds whose waiters have to look again
  /// @return by how much the feeds' memory has grown
  long finish(Set<Feed> woken) {
    long grown = 0;
    for (Map.Entry<Feed, Fate> entry : touched.entrySet()) {
      Feed feed = entry.getKey();
      switch (entry.getValue()) {
        case ROTATED -> feed.rotated().add(lsn, xid);
        case TOO_LARGE -> grown -= feed.forget(lsn);
        case WRITTEN -> {
          Batch batch = feed.writer().end(true);
          if (batch.count() == 0) {
            continue;
          }
          grown += feed.append(new Feed.Entry(lsn, xid, batch), feedLimit);
        }
      }
      woken.add(feed);
    }
    return grown;
  }

  Set<Long> oids() {
    return oids;
  }

  long bytes() {
    return bytes;
  }

  /// Whether a table was rotated, so that everybody has to look again.
  boolean rotates() {
    return rotates;
  }
}
