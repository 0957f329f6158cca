package dev.penstock.bridge;

import dev.penstock.contracts.log.ResumePoint;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches what the slot makes Postgres retain, beside the bridge's own work and also while that is
/// broken, and says when it is too much.
final class WalGuard implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WalGuard.class);

  /// Postgres notes which transactions run every 15 s or at a checkpoint, and a slot's WAL can be
  /// let go only up to such a note. Beyond this the leader asks for one.
  private static final long NOTE_AT_BYTES = 16L << 20;

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);
  static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final Database database;
  private final String slot;
  private final WalLimits limits;
  private final Supplier<Optional<ResumePoint>> acknowledged;
  private final LongSupplier acknowledgedOffset;
  private final WalProgress progress;
  private final BridgeMetrics metrics;
  private final Canary canary;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().daemon().name("penstock-bridge-wal").unstarted(this::run);
  private volatile @Nullable WalSample last;
  private volatile List<String> alarms = List.of();
  private volatile long lookedNanos = System.nanoTime();
  private @Nullable Connection connection;
  private boolean mayAskForNotes = true;

  /// @param acknowledged up to where the log has the changes; empty where this instance does not
  ///   lead
  /// @param acknowledgedOffset of the last record of it, which moves within a transaction, too
  WalGuard(
      BridgeSettings settings,
      Supplier<Optional<ResumePoint>> acknowledged,
      LongSupplier acknowledgedOffset,
      BridgeMetrics metrics) {
    this.database = settings.database();
    this.slot = settings.slot();
    this.limits = settings.walLimits();
    this.acknowledged = acknowledged;
    this.acknowledgedOffset = acknowledgedOffset;
    this.progress = new WalProgress(settings.progressEvery());
    this.metrics = metrics;
    this.canary = new Canary(settings.canaryEvery(), metrics.canary());
  }

  void start() {
    thread.start();
  }

  /// The last sample; empty before the first and while none can be taken.
  Optional<WalSample> last() {
    return Optional.ofNullable(last);
  }

  /// Whether Postgres answers here.
  boolean looks() {
    return System.nanoTime() - lookedNanos < limits.interval().plus(LONGEST_LOOK).toNanos();
  }

  /// Whether the log goes on as the WAL does, as far as this instance leads.
  boolean moves() {
    return progress.moves(System.nanoTime());
  }

  /// How long the log has stood still although there was WAL for it.
  Duration standsStill() {
    return progress.standsStill(System.nanoTime());
  }

  /// What is beyond its limit, one sentence each.
  List<String> alarms() {
    return alarms;
  }

  private void run() {
    try {
      do {
        try {
          sample();
        } catch (SQLException e) {
          forget();
          log.atDebug().setCause(e).log("the WAL that is retained could not be looked at");
        }
      } while (!stop.await(limits.interval().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      forget();
    }
  }

  private void sample() throws SQLException {
    long begun = System.nanoTime();
    Connection open = connection;
    if (open == null) {
      open = database.connect("penstock-bridge-wal");
      connection = open;
    }
    WalSample sample = WalSample.take(open, slot).orElse(null);
    last = sample;
    lookedNanos = begun;
    Optional<ResumePoint> reached = acknowledged.get();
    long written = sample == null ? 0 : sample.writtenLsn();
    progress.sampled(
        written,
        reached.map(ResumePoint::commitLsn).orElse(written),
        acknowledgedOffset.getAsLong(),
        System.nanoTime());
    metrics.wal(sample, reached);
    metrics.standsStill(standsStill());
    if (sample == null) {
      alarm(List.of("the replication slot is not there or is lost"));
      return;
    }
    alarm(beyond(sample));
    if (reached.isPresent() && sample.retainedBytes() >= NOTE_AT_BYTES) {
      askForNote(open);
    }
    canary.look(open, reached);
  }

  private List<String> beyond(WalSample sample) {
    List<String> sentences = new ArrayList<>();
    if (sample.retainedBytes() > limits.retainedBytes()) {
      sentences.add(
          "Postgres retains %d MiB of WAL for the slot, more than %d MiB"
              .formatted(sample.retainedBytes() >> 20, limits.retainedBytes() >> 20));
    }
    if (sample.oldestTransaction().compareTo(limits.transactionAge()) > 0) {
      sentences.add(
          "a transaction has been open for %s, longer than %s"
              .formatted(
                  Duration.ofSeconds(sample.oldestTransaction().toSeconds()),
                  limits.transactionAge()));
    }
    return List.copyOf(sentences);
  }

  private void alarm(List<String> now) {
    boolean changed = now.isEmpty() != alarms.isEmpty();
    alarms = now;
    metrics.walAlarm(!now.isEmpty());
    if (changed && now.isEmpty()) {
      log.atInfo().log("the WAL is within its limits again");
    } else if (changed) {
      log.atWarn().log(String.join("; ", now));
    }
  }

  private void askForNote(Connection open) throws SQLException {
    if (!mayAskForNotes) {
      return;
    }
    try (Statement statement = open.createStatement()) {
      statement.execute("select pg_log_standby_snapshot()");
    } catch (SQLException e) {
      if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      mayAskForNotes = false;
      log.atInfo().log(
          "without EXECUTE on pg_log_standby_snapshot() more WAL is retained under load");
    }
  }

  private void forget() {
    last = null;
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        log.atDebug().setCause(e).log("a connection did not close in order");
      }
    }
  }

  @Override
  public void close() {
    stop.countDown();
    thread.interrupt();
  }
}
