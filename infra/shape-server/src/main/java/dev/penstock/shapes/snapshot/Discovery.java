package dev.penstock.shapes.snapshot;

import dev.penstock.shapes.snapshot.Catalog.Name;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/// Brings a table into the publication, with REPLICA IDENTITY FULL, at its first request.
///
/// No row of a transaction that was open meanwhile is ever missing: see [Joining]. What the lock
/// costs others is bounded: nobody queues behind it for longer than its timeout, and most of the
/// time between the tries is theirs.
public final class Discovery {
  private static final Logger log = LoggerFactory.getLogger(Discovery.class);
  private static final int MAX_TABLES = 10_000;
  private static final Duration PAUSE = Duration.ofMillis(600);

  /// How long a refusal is worth the same to others: a table that is not there, a lock not got.
  private static final long REFUSED_NANOS = Duration.ofSeconds(1).toNanos();

  /// How long the log may take to have the table's joining, at most.
  private static final long JOINED_NANOS = Duration.ofMinutes(1).toNanos();

  private final DataSource dataSource;
  private final String publication;
  private final Duration lockTimeout;
  private final Duration patience;
  private final Scheduler scheduler;
  private final Map<Name, Attempt> attempts = new ConcurrentHashMap<>();
  private final Map<Name, Joined> joined = new ConcurrentHashMap<>();

  /// One for all requests that come while it goes on, and for a while after it failed.
  private record Attempt(Mono<Boolean> result, long startNanos) {}

  private record Joined(long lsn, long nanos) {
    boolean isOver() {
      return System.nanoTime() - nanos > JOINED_NANOS;
    }
  }

  /// @param dataSource connections that may write, of a role that owns the tables
  /// @param lockTimeout how long one try may wait for a table's lock
  /// @param patience how long to try
  public Discovery(
      DataSource dataSource,
      String publication,
      Duration lockTimeout,
      Duration patience,
      Scheduler scheduler) {
    this.dataSource = dataSource;
    this.publication = publication;
    this.lockTimeout = lockTimeout;
    this.patience = patience;
    this.scheduler = scheduler;
  }

  /// Prepares the table; does nothing where that is done already.
  ///
  /// @return false if there is no such table; fails with a [SnapshotException] if its lock cannot
  ///   be had now
  Mono<Boolean> join(Name name) {
    long now = System.nanoTime();
    long longest = patience.toNanos() + 2 * PAUSE.toNanos() + REFUSED_NANOS;
    if (attempts.size() >= MAX_TABLES || joined.size() >= MAX_TABLES) {
      attempts.values().removeIf(attempt -> now - attempt.startNanos() > longest);
      joined.values().removeIf(Joined::isOver);
      if (attempts.size() >= MAX_TABLES) {
        return Mono.error(
            new SnapshotException(
                SnapshotException.Kind.UNAVAILABLE, "Too many tables are asked for at once"));
      }
    }
    // In case nobody could be found to forget it.
    attempts.computeIfPresent(
        name, (_, known) -> now - known.startNanos() > longest ? null : known);
    return Mono.defer(() -> attempts.computeIfAbsent(name, this::attempt).result());
  }

  private Attempt attempt(Name name) {
    Mono<Boolean> result =
        Mono.fromCallable(() -> joinNow(name))
            .subscribeOn(scheduler)
            .doOnSuccess(exists -> {
              if (Boolean.TRUE.equals(exists)) {
                attempts.remove(name);
              } else {
                forgetLater(name);
              }
            })
            .doOnError(_ -> forgetLater(name))
            .cache();
    return new Attempt(result, System.nanoTime());
  }

  private void forgetLater(Name name) {
    try {
      var _ = scheduler.schedule(() -> attempts.remove(name), REFUSED_NANOS, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.atDebug().setCause(e).log("a refusal is forgotten later");
    }
  }

  /// The position that this instance must have reached before it answers for the table; 0 for any.
  long joinedAt(Name name) {
    Joined known = joined.get(name);
    return known == null || known.isOver() ? 0 : known.lsn();
  }

  private boolean joinNow(Name name) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      Joining joining = new Joining(connection, publication, name, lockTimeout);
      while (true) {
        switch (joining.attempt()) {
          case MISSING -> {
            return false;
          }
          case JOINED -> {
            joined.put(name, new Joined(joining.announce(), System.nanoTime()));
            return true;
          }
          case BUSY -> {
            if (System.nanoTime() > deadline) {
              throw new SnapshotException(
                  SnapshotException.Kind.UNAVAILABLE,
                  "Snapshot timed out while waiting for a table lock");
            }
            Thread.sleep(PAUSE);
          }
        }
      }
    } catch (SQLException e) {
      throw SnapshotException.of(e);
    }
  }
}
