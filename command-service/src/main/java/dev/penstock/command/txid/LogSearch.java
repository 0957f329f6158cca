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
    try (LogReader reader = LogReader.fromTime(kafka, topics.log(), from, checkpoints::before)) {
      boolean cut = reader.nextOffset() > 0 && reader.nextOffset() == reader.beginOffset();
      long end = reader.endOffset();
      Snapshot snapshot = new Snapshot();
      while (reader.nextOffset() < end) {
        long before = reader.nextOffset();
        List<LogEvent> events = reader.poll(POLL);
        for (LogEvent event : events) {
          snapshot.accept(event);
          if (event instanceof Transaction transaction && isOf(row, transaction)) {
            return found(transaction, reader.origin().orElse(null));
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

  /// The last snapshot that was passed.
  private static final class Snapshot {
    private LogFinding.@Nullable InSnapshot finding;

    void accept(LogEvent event) {
      if (event instanceof Transaction transaction && transaction.snapshot()) {
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
