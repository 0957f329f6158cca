package dev.penstock.bridge.router;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// How one leader's router fares; by any thread. A router that fails does not end the term, so this
/// is where it shows.
public final class RouterStatus {
  /// A restart of Kafka is over by then.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Why it does not go on.
  ///
  /// @param count in a row, without progress in between
  /// @param since when the first of them happened
  /// @param last the latest
  public record Failure(int count, Instant since, Throwable last) {}

  private final InstantSource clock;
  private boolean running;
  private OptionalLong lag = OptionalLong.empty();
  private @Nullable Failure failure;

  public RouterStatus() {
    this(InstantSource.system());
  }

  RouterStatus(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void started() {
    running = true;
  }

  synchronized void stopped() {
    running = false;
    lag = OptionalLong.empty();
  }

  synchronized void failed(Throwable last) {
    failure =
        failure == null
            ? new Failure(1, clock.instant(), last)
            : new Failure(failure.count() + 1, failure.since(), last);
  }

  /// A round of reading is over. One that has routed nothing is no success unless there was nothing
  /// to route: the same records are read before each failure.
  synchronized void read(OptionalLong records, boolean routed) {
    lag = records.isPresent() ? records : lag;
    if (routed || (records.isPresent() && records.getAsLong() == 0)) {
      failure = null;
    }
  }

  /// Whether it is there to route.
  public synchronized boolean running() {
    return running;
  }

  /// How many of the log's records it has not read yet; empty where it does not know.
  public synchronized OptionalLong lag() {
    return lag;
  }

  public synchronized Optional<Failure> failure() {
    return Optional.ofNullable(failure);
  }

  /// Whether it fails for so long, or for such a reason, that a person should look.
  public synchronized boolean down() {
    return failure != null
        && (failure.last() instanceof RoutedBeforeException
            || failure.last() instanceof Error
            || failure.since().plus(PATIENCE).isBefore(clock.instant()));
  }
}
