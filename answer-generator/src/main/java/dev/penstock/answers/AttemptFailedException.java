package dev.penstock.answers;

import java.time.Duration;

/// An attempt failed, and the answerer knows why and perhaps when another may succeed.
public final class AttemptFailedException extends RuntimeException {
  private final Duration after;

  /// @param causeForOperators goes into log and dead letter; never text of question or answer
  /// @param after how long the next attempt should wait at least
  public AttemptFailedException(String causeForOperators, Duration after) {
    super(causeForOperators);
    this.after = after;
  }

  Duration after() {
    return after;
  }
}
