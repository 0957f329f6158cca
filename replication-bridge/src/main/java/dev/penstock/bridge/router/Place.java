package dev.penstock.bridge.router;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where in the log the router goes on, if its position's Kafka offset is not to be used: the log
/// lost its tail, with the position in it, and was written on; or it is another topic.
final class Place {
  private static final Logger log = LoggerFactory.getLogger(Place.class);

  private final Optional<RouterPosition> position;
  private final Optional<String> routedTo;
  private final long routedAtMillis;
  private final UUID latest;
  private boolean seen;
  private boolean found;

  private Place(
      Optional<RouterPosition> position,
      Optional<String> routedTo,
      long routedAtMillis,
      UUID latest,
      boolean found) {
    this.position = position;
    this.routedTo = routedTo;
    this.routedAtMillis = routedAtMillis;
    this.latest = latest;
    this.found = found;
  }

  /// The reader starts there itself.
  static Place known() {
    return new Place(Optional.empty(), Optional.empty(), 0, new UUID(0, 0), true);
  }

  /// The position is in the log by its generation and number, or its generation is no more.
  ///
  /// @param latest the generation in which the log ends
  static Place of(RouterPosition position, UUID latest) {
    return new Place(Optional.of(position), Optional.empty(), 0, latest, false);
  }

  /// There is no position, but records in a keyed topic.
  ///
  /// @param routedTo that topic
  /// @param routedAtMillis when the last record was written to any of them
  static Place unknown(String routedTo, long routedAtMillis) {
    return new Place(
        Optional.empty(), Optional.of(routedTo), routedAtMillis, new UUID(0, 0), false);
  }

  /// Whether the place was not found yet.
  boolean isSought() {
    return !found;
  }

  /// Whether the event lies before the place.
  ///
  /// @throws RoutedBeforeException if the log does not have the place
  boolean passed(LogEvent event) {
    if (found) {
      return false;
    }
    return switch (event) {
      case LogEvent.Opened opened -> {
        boolean other = !opened.generation().equals(wanted());
        found =
            position.isPresent()
                ? other && (seen || opened.generation().equals(latest))
                : replaces(opened);
        reached(opened.state());
        yield !found || opened.generation().equals(wanted());
      }
      case Transaction transaction -> {
        reached(transaction.state());
        yield true;
      }
      case LogEvent.Progressed(ReaderState state) -> {
        reached(state);
        yield true;
      }
      case LogEvent.Claimed _, LogEvent.Gap _ -> true;
    };
  }

  /// The log's first generation was opened behind everything that was routed: then its snapshot
  /// says what became of it.
  private boolean replaces(LogEvent.Opened opened) {
    if (!opened.origin().hasSnapshot()
        || opened.origin().openedMicros() / 1_000 <= routedAtMillis) {
      throw new RoutedBeforeException(routedTo.orElseThrow());
    }
    return true;
  }

  private void reached(ReaderState state) {
    if (position.isEmpty()) {
      if (!found) {
        throw new RoutedBeforeException(routedTo.orElseThrow());
      }
      return;
    }
    if (!state.generation().equals(wanted())) {
      return;
    }
    seen = true;
    long number = position.get().state().number();
    if (state.number() > number) {
      throw new RoutedBeforeException("its keyed topics");
    }
    if (state.number() == number) {
      found = true;
      log.atWarn().log("the router found its place in a log that was written anew");
    }
  }

  private UUID wanted() {
    return position.map(at -> at.state().generation()).orElse(new UUID(0, 0));
  }
}
