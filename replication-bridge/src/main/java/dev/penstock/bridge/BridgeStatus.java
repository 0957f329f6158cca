package dev.penstock.bridge;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;

/// What the bridge is doing; by any thread. A standby is as ready as a leader, or a rolling
/// deployment would wait for ever; one that fails or is broken is not.
public final class BridgeStatus {
  /// One of five.
  public sealed interface State {}

  /// Reads the slot.
  ///
  /// @param epoch the term's claim
  public record Leading(long epoch) implements State {}

  /// Waits for the lead, or gets ready for it.
  public record Standby() implements State {}

  /// Could not stand by or lead, and tries again.
  ///
  /// @param failures in a row
  /// @param since when the first of them happened
  /// @param reason of the last
  public record Failing(int failures, Instant since, String reason) implements State {}

  /// Needs a person; tries nothing more.
  public record Broken(String reason) implements State {}

  public record Closed() implements State {}

  private State state = new Standby();

  BridgeStatus() {}

  public synchronized State state() {
    return state;
  }

  synchronized void become(State next) {
    if (!(state instanceof Broken)) {
      state = next;
      notifyAll();
    }
  }

  /// Whether it leads or could take over.
  public boolean ready() {
    return switch (state()) {
      case Leading _, Standby _ -> true;
      case Failing _, Broken _, Closed _ -> false;
    };
  }

  /// Waits until this bridge leads.
  ///
  /// @return the epoch
  /// @throws IllegalStateException if it is broken or closed; the message says why
  /// @throws TimeoutException if it does not lead in time
  public synchronized long awaitLeading(Duration timeout)
      throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      switch (state) {
        case Leading(long epoch) -> {
          return epoch;
        }
        case Broken(String reason) -> throw new IllegalStateException(reason);
        case Closed() -> throw new IllegalStateException("the bridge is closed");
        case Standby(), Failing(int _, Instant _, String _) -> {
          long left = (deadline - System.nanoTime()) / 1_000_000;
          if (left <= 0) {
            throw new TimeoutException("the bridge does not lead after " + timeout);
          }
          wait(left);
        }
      }
    }
  }

  /// Waits until the bridge is broken or closed.
  synchronized State awaitEnd() throws InterruptedException {
    while (!(state instanceof Broken || state instanceof Closed)) {
      wait();
    }
    return state;
  }
}
