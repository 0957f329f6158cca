package dev.penstock.command;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/// Repeats what gave way to another transaction, at most three times, after a random pause that
/// grows, so that two that met do not meet again.
final class Attempts {
  private static final int MOST = 4;
  private static final int PAUSE_MILLIS = 20;

  private Attempts() {}

  /// @throws DatabaseUnavailableException where the caller may try again later
  static <T> T of(Supplier<T> write) {
    for (int attempt = 1; ; attempt++) {
      try {
        return write.get();
      } catch (DataAccessException | TransactionException e) {
        switch (Failure.of(e)) {
          case GAVE_WAY -> pause(attempt, e);
          case UNAVAILABLE -> throw new DatabaseUnavailableException(e);
          case FAULT -> throw e;
        }
      }
    }
  }

  private static void pause(int attempt, RuntimeException failure) {
    if (attempt == MOST) {
      throw new DatabaseUnavailableException(failure);
    }
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(1, PAUSE_MILLIS << attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseUnavailableException(failure);
    }
  }
}
