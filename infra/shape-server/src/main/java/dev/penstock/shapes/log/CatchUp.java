package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTruncatedException;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.Offset;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what is older than a feed: from the window, or from Kafka where the window does not reach
/// back. Blocks its thread.
final class CatchUp {
  private static final Logger log = LoggerFactory.getLogger(CatchUp.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final long CHECKPOINT_RECORDS = 1_024;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final TailSettings settings;
  private final Era era;
  private final Feed feed;

  CatchUp(TailSettings settings, Era era, Feed feed) {
    this.settings = settings;
    this.era = era;
    this.feed = feed;
  }

  Outcome read(Handle handle, Offset after, long limit) {
    Scan scan = new Scan(feed.shape(), handle, after, limit);
    long position = era.position();
    boolean inclusive = after.lsn() != 0 && after.op() != Offset.INF;
    long from = Reading.from(handle, after);
    List<Recent> recent = era.window().after(from, inclusive);
    return recent == null
        ? fromKafka(scan, from, inclusive)
        : fromWindow(scan, recent, handle, position);
  }

  private Outcome fromWindow(Scan scan, List<Recent> recent, Handle handle, long position) {
    long seen = position;
    long oid = feed.shape().table().oid();
    for (Recent one : recent) {
      // A rotation of this window's time is among the era's.
      if (one.oids().contains(oid) && !scan.accept(one.transaction())) {
        return scan.isRotated() ? new Outcome.Rotated() : new Outcome.Found(scan.partial());
      }
      seen = Long.compareUnsigned(one.lsn(), seen) > 0 ? one.lsn() : seen;
    }
    return new Outcome.Found(Reading.complete(scan.slices(), scan.end(), handle, seen));
  }

  private Outcome fromKafka(Scan scan, long from, boolean inclusive) {
    ReaderState state = era.checkpoints().before(from, inclusive);
    if (state == null && !era.whole()) {
      // Older than what this instance began with: to look for it would be to read all of the log.
      return new Outcome.Rotated();
    }
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long goal = era.window().from();
    // The rest of the transaction at the offset is still to come.
    long reached = inclusive ? from - 1 : from;
    boolean started = state != null;
    long checkpointed = state == null ? 0 : state.nextOffset();
    try (LogReader reader =
        state == null
            ? LogReader.fromBeginning(kafka(), settings.topic())
            : LogReader.from(kafka(), settings.topic(), state)) {
      while (Long.compareUnsigned(reached, goal) < 0) {
        if (System.nanoTime() > deadline || scan.scanned() > settings.catchUpBytes()) {
          log.atWarn().addKeyValue("lsn", from).log("a request is far behind the log");
          return started && Long.compareUnsigned(reached, from) > 0
              ? new Outcome.Found(scan.upTo(reached))
              : new Outcome.Unavailable();
        }
        for (LogEvent event : reader.poll(POLL)) {
          switch (event) {
            case Transaction transaction -> {
              if (!started && !startsBefore(transaction.state(), from)) {
                return new Outcome.Rotated();
              }
              int order = Long.compareUnsigned(transaction.commitLsn(), from);
              if (transaction.state().generation().equals(era.generation())
                  && (order > 0 || (inclusive && order == 0))
                  && !scan.accept(transaction)) {
                era.checkpoints().add(transaction.state());
                return scan.isRotated() ? new Outcome.Rotated() : new Outcome.Found(scan.partial());
              }
              checkpointed = checkpoint(transaction.state(), checkpointed);
              reached = Reading.later(reached, transaction.commitLsn());
              started |= order <= 0;
            }
            case LogEvent.Progressed progressed -> {
              started |= startsBefore(progressed.state(), from);
              reached = Reading.later(reached, progressed.state().point().commitLsn());
            }
            case LogEvent.Opened opened -> started |= startsBefore(opened.state(), from);
            case LogEvent.Claimed _ -> {}
            case LogEvent.Gap _ -> {
              return new Outcome.Rotated();
            }
          }
          if (Long.compareUnsigned(reached, goal) >= 0) {
            break;
          }
        }
      }
    } catch (LogTruncatedException e) {
      log.atInfo().setCause(e).log("a request is older than the log");
      return new Outcome.Rotated();
    } catch (KafkaException e) {
      log.atWarn().setCause(e).log("the log cannot be read for a request");
      return new Outcome.Unavailable();
    }
    // Up to the window; the next request goes on from there.
    return new Outcome.Found(scan.upTo(reached));
  }

  /// Marks the place, so that whoever comes next need not read all of this again.
  private long checkpoint(ReaderState state, long before) {
    if (state.nextOffset() - before < CHECKPOINT_RECORDS
        || !state.generation().equals(era.generation())) {
      return before;
    }
    era.checkpoints().add(state);
    return state.nextOffset();
  }

  /// A consumer's close waits for its fetch, which at the log's end waits for this.
  private Map<String, Object> kafka() {
    Map<String, Object> kafka = new HashMap<>(settings.kafka());
    kafka.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    return kafka;
  }

  private boolean startsBefore(ReaderState state, long from) {
    return state.generation().equals(era.generation())
        && Long.compareUnsigned(state.point().commitLsn(), from) <= 0;
  }
}
