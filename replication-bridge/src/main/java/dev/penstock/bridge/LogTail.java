package dev.penstock.bridge;

import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Relation;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.errors.TimeoutException;

/// What a new leader finds in the log before its own claim, by the reader's own rule.
///
/// @param state where the log ends; empty if no generation was ever opened in it
/// @param origin of the generation, as far as the log says it
/// @param relations the tables' latest, by OID
record LogTail(
    Optional<ReaderState> state, Optional<LogOrigin> origin, Map<Long, Relation> relations) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static LogTail read(Map<String, ?> kafka, String topic, long claim) {
    try (LogReader reader = LogReader.fromLatestClaim(kafka, topic)) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      long before = reader.nextOffset();
      while (reader.nextOffset() <= claim) {
        var _ = reader.poll(Duration.ofMillis(250));
        if (reader.nextOffset() > before) {
          before = reader.nextOffset();
          deadline = System.nanoTime() + PATIENCE.toNanos();
        } else if (System.nanoTime() > deadline) {
          throw new TimeoutException("the log could not be read up to the claim at " + claim);
        }
      }
      return new LogTail(reader.state(), reader.origin(), reader.relations());
    }
  }

  /// The relations, if the log goes on in the generation: another may be of another database.
  Map<Long, Relation> relationsOf(UUID generation) {
    boolean same = state.map(at -> at.generation().equals(generation)).orElse(false);
    return same ? relations : Map.of();
  }
}
