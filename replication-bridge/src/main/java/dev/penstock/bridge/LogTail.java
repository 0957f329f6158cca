package dev.penstock.bridge;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.errors.TimeoutException;

/// What a new leader finds in the log before its own claim, by the reader's own rule.
///
/// @param state where the log ends; empty if no generation was ever opened in it
/// @param origin of the generation, as far as the log says it
/// @param since behind this LSN, every transaction was read
/// @param last the last transaction; empty if there is none behind `since`
/// @param relations the tables' latest, by OID
record LogTail(
    Optional<ReaderState> state,
    Optional<LogOrigin> origin,
    long since,
    Optional<ResumePoint> last,
    Map<Long, Relation> relations) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static LogTail read(Map<String, ?> kafka, String topic, long claim) {
    try (LogReader reader = LogReader.fromLatestClaim(kafka, topic)) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      LogTail tail = new LogTail(Optional.empty(), Optional.empty(), 0, Optional.empty(), Map.of());
      long before = reader.nextOffset();
      while (reader.nextOffset() <= claim) {
        for (LogEvent event : reader.poll(Duration.ofMillis(250))) {
          tail = tail.behind(event, reader.origin());
        }
        if (reader.nextOffset() > before) {
          before = reader.nextOffset();
          deadline = System.nanoTime() + PATIENCE.toNanos();
        } else if (System.nanoTime() > deadline) {
          throw new TimeoutException("the log could not be read up to the claim at " + claim);
        }
      }
      return new LogTail(
          reader.state(), reader.origin(), tail.since, tail.last, reader.relations());
    }
  }

  private LogTail behind(LogEvent event, Optional<LogOrigin> origin) {
    return switch (event) {
      case LogEvent.Opened opened -> at(opened.state(), Optional.empty());
      case LogEvent.Progressed(ReaderState next) when state.isEmpty() -> {
        // The first claim's. A snapshot has a position and a txid that no transaction has.
        ResumePoint point = next.point();
        boolean begun = origin.filter(of -> of.startLsn() == point.commitLsn()).isPresent();
        boolean transaction = point.xid() != 0 && !begun;
        yield at(next, transaction ? Optional.of(point) : Optional.empty());
      }
      case Transaction transaction when transaction.snapshot() ->
          at(transaction.state(), Optional.empty());
      case Transaction transaction ->
          new LogTail(state, origin, since, Optional.of(transaction.state().point()), relations);
      case LogEvent.Progressed _, LogEvent.Claimed _, LogEvent.Gap _ -> this;
    };
  }

  private LogTail at(ReaderState next, Optional<ResumePoint> transaction) {
    return new LogTail(Optional.of(next), origin, next.point().commitLsn(), transaction, relations);
  }

  /// The relations, if the log goes on in the generation: another may be of another database.
  Map<Long, Relation> relationsOf(UUID generation) {
    boolean same = state.map(at -> at.generation().equals(generation)).orElse(false);
    return same ? relations : Map.of();
  }
}
