package dev.penstock.bridge;

import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.ReaderState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.TimeoutException;

/// What a new leader finds in the log before its own claim, by the reader's own rule.
///
/// @param state where the log ends; empty if no generation was ever opened in it
/// @param origin of the generation, as far as the log says it
record LogTail(Optional<ReaderState> state, Optional<LogOrigin> origin) {
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
      return new LogTail(reader.state(), reader.origin());
    }
  }
}
