package dev.penstock.bridge;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// What the bridge is doing; by any thread. A standby is as ready as a leader, or a rolling
/// deployment would wait for ever; a broken bridge is not.
public final class BridgeStatus {
  /// One of four.
  public sealed interface State {}

  /// Reads the slot.
  ///
  /// @param epoch the term's claim
  public record Leading(long epoch) implements State {}

  /// Waits for the lead, or gets ready for it.
  public record Standby() implements State {}

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
        case Standby() -> {
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
    while (state instanceof Leading || state instanceof Standby) {
      wait();
    }
    return state;
  }
}
