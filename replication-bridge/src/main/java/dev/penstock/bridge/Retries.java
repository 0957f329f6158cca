package dev.penstock.bridge;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/// How often and how long to try again: pauses double from 0.5 s to 5 s. What the server refuses (a
/// password, a role's rights, a database that is not there) is tried 5 times, since passwords are
/// changed while programs run; all else until nothing has come of it for the given time.
///
/// Used by one thread.
final class Retries {
  static final int REFUSALS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /// Of SQL: invalid password, invalid authorisation, no such database, insufficient privilege.
  private static final Set<String> REFUSED = Set.of("28P01", "28000", "3D000", "42501");

  private final Duration giveUpAfter;
  private int failures;
  private int refusals;
  private long began;
  private Instant since = Instant.EPOCH;

  Retries(Duration giveUpAfter) {
    this.giveUpAfter = giveUpAfter;
  }

  /// Something came of the last attempt: the next failure is the first one again.
  void succeeded() {
    failures = 0;
    refusals = 0;
  }

  /// An attempt failed.
  ///
  /// @return how long to wait before the next
  /// @throws BridgeException if there is to be none
  Duration failed(Throwable reason) {
    if (failures == 0) {
      began = System.nanoTime();
      since = Instant.now();
    }
    failures++;
    BridgeException permanent = find(reason, BridgeException.class);
    if (permanent != null) {
      throw permanent;
    }
    String refusal = refusal(reason);
    refusals = refusal == null ? 0 : refusals + 1;
    if (refusals == REFUSALS) {
      throw new BridgeException(Objects.requireNonNull(refusal));
    }
    if (System.nanoTime() - began >= giveUpAfter.toNanos()) {
      throw new BridgeException(
          "nothing has come of %d attempts in %s, the last failed with: %s"
              .formatted(failures, giveUpAfter, sentence(reason)));
    }
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 4));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  /// How many attempts failed since something came of one.
  int failures() {
    return failures;
  }

  /// When the first of them failed.
  Instant since() {
    return since;
  }

  private static @Nullable String refusal(Throwable reason) {
    SQLException sql = find(reason, SQLException.class);
    if (sql != null && sql.getSQLState() != null && REFUSED.contains(sql.getSQLState())) {
      return "Postgres refuses the bridge: " + sentence(sql);
    }
    boolean kafka =
        find(reason, AuthenticationException.class) != null
            || find(reason, AuthorizationException.class) != null
            || find(reason, UnsupportedVersionException.class) != null;
    return kafka ? "Kafka refuses the bridge: " + sentence(reason) : null;
  }

  /// The innermost message: those around it say where it happened, not what.
  static String sentence(Throwable reason) {
    Throwable innermost = reason;
    for (int depth = 0; innermost.getCause() != null && depth < 20; depth++) {
      innermost = innermost.getCause();
    }
    String message = innermost.getMessage();
    return message == null
        ? innermost.getClass().getSimpleName()
        : message.replaceAll("\\s*\\R\\s*", " ");
  }

  private static <T extends Throwable> @Nullable T find(Throwable reason, Class<T> type) {
    Throwable cause = reason;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
      cause = cause.getCause();
    }
    return null;
  }
}
