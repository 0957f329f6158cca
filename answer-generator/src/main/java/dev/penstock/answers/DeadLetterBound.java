package dev.penstock.answers;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/// Bounds the dead letters that no operator has retried or discarded, by age and by number; the
/// topic's record and the failed answer stay.
final class DeadLetterBound implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(DeadLetterBound.class);

  private final DeadLetters letters;
  private final AnswerMetrics metrics;
  private final Duration retention;
  private final int most;

  DeadLetterBound(DeadLetters letters, AnswerMetrics metrics, Duration retention, int most) {
    this.letters = letters;
    this.metrics = metrics;
    this.retention = retention;
    this.most = most;
  }

  /// One round.
  ///
  /// @throws DataAccessException if the database is out of reach
  @Override
  public void run() {
    int dropped = letters.purge(retention, most);
    metrics.deadLetters(letters.count(), dropped);
    if (dropped > 0) {
      log.atWarn()
          .addKeyValue("letters", dropped)
          .log("Dead letters that nobody had retried or discarded were dropped");
    }
  }
}
