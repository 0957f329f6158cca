package dev.penstock.command.txid;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTruncatedException;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Finds a transaction in the log, by the one reader: from the time at which it began.
final class LogSearch {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final long slackMillis;
  private final Checkpoints checkpoints = new Checkpoints();

  LogSearch(Map<String, Object> kafka, Topics topics, Duration slack) {
    this.kafka = kafka;
    this.topics = topics;
    this.slackMillis = slack.toMillis();
  }

  LogFinding find(CommandRow row, Deadline deadline) {
    try {
      return search(row, deadline);
    } catch (LogTruncatedException e) {
      // A state that was remembered is of a log that is gone.
      checkpoints.clear();
      return search(row, deadline);
    }
  }

  private LogFinding search(CommandRow row, Deadline deadline) {
    long from = row.begun().toEpochMilli() - slackMillis;
    AtomicLong young = new AtomicLong();
    try (LogReader reader =
        LogReader.fromTime(
            kafka,
            topics.log(),
            from,
            offset -> {
              young.set(offset);
              return checkpoints.before(offset);
            })) {
      long begin = reader.beginOffset();
      // Whether the log has lost records that are as young as the transaction.
      boolean cut = begin > 0 && young.get() <= begin;
      long end = reader.endOffset();
      Snapshot snapshot = new Snapshot(row, slackMillis);
      while (reader.nextOffset() < end) {
        long before = reader.nextOffset();
        LogOrigin known = reader.origin().orElse(null);
        List<LogEvent> events = reader.poll(POLL);
        // The reader's own is that of the last event.
        LogOrigin origin =
            events.stream().noneMatch(LogEvent.Opened.class::isInstance)
                ? reader.origin().orElse(null)
                : known;
        for (LogEvent event : events) {
          if (event instanceof LogEvent.Opened opened) {
            origin = opened.origin();
          } else if (event instanceof Transaction transaction) {
            if (isOf(row, transaction)) {
              return found(transaction, origin);
            }
            snapshot.accept(transaction, origin);
          }
        }
        reader.state().ifPresent(checkpoints::offer);
        deadline.spend(reader.nextOffset() - before);
      }
      if (reader.gap().isPresent()) {
        return new LogFinding.Gap();
      }
      boolean passed =
          reader
              .state()
              .map(ReaderState::point)
              .filter(point -> Long.compareUnsigned(point.commitLsn(), row.walLsn()) >= 0)
              .isPresent();
      if (!passed) {
        return new LogFinding.NotYet();
      }
      return snapshot.finding != null
          ? snapshot.finding
          : cut ? new LogFinding.Gone() : new LogFinding.Passed();
    }
  }

  /// The generation that the log is in; null where it is empty.
  @Nullable UUID generation(Deadline deadline) {
    try (LogReader reader = LogReader.fromLatestClaim(kafka, topics.log())) {
      long end = reader.endOffset();
      // The claim's own records say it.
      while (reader.state().isEmpty() && reader.nextOffset() < end) {
        long before = reader.nextOffset();
        reader.poll(POLL);
        deadline.spend(reader.nextOffset() - before);
      }
      return reader.state().map(ReaderState::generation).orElse(null);
    }
  }

  /// The last snapshot that was passed and may hold the transaction.
  private static final class Snapshot {
    private final long begunMillis;
    private LogFinding.@Nullable InSnapshot finding;

    /// @param slackMillis by how much the clocks may differ
    Snapshot(CommandRow row, long slackMillis) {
      begunMillis = row.begun().toEpochMilli() - slackMillis;
    }

    void accept(Transaction transaction, @Nullable LogOrigin origin) {
      if (!transaction.snapshot()) {
        return;
      }
      // What began when the snapshot had been taken is not in it.
      long taken =
          origin == null || origin.openedMicros() == 0
              ? transaction.writtenMillis()
              : origin.openedMicros() / 1_000;
      if (begunMillis <= taken) {
        finding =
            new LogFinding.InSnapshot(
                transaction.state().generation(), transaction.writtenMillis());
      }
    }
  }

  private static boolean isOf(CommandRow row, Transaction transaction) {
    // Of another epoch, if the commit were long before the transaction began.
    return transaction.txid() == row.txid()
        && !transaction.snapshot()
        && transaction.commitMicros() / 1_000 >= row.begun().toEpochMilli() - 60_000;
  }

  private LogFinding found(Transaction transaction, @Nullable LogOrigin origin) {
    Changes changes = new Changes(topics);
    transaction.forEach(changes::accept);
    boolean snapshot =
        !changes.rows()
            && origin != null
            && Long.compareUnsigned(transaction.commitLsn(), origin.snapshotLsn()) <= 0;
    return new LogFinding.Found(
        transaction.state().generation(),
        transaction.firstOffset(),
        transaction.writtenMillis(),
        transaction.commitLsn(),
        transaction.commitMicros(),
        changes.rows(),
        snapshot,
        changes.owners(),
        changes.conversations(),
        List.copyOf(changes.places()));
  }
}
