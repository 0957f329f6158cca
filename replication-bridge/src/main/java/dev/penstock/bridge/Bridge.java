package dev.penstock.bridge;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One instance of the bridge: a standby until it gets the lead, and again after it loses it.
public final class Bridge implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bridge.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private static final Duration ORDERLY = Duration.ofSeconds(3);
  private static final Duration INTERRUPTED = Duration.ofSeconds(2);

  private final BridgeSettings settings;
  private final BridgeMetrics metrics;
  private final BridgeStatus status = new BridgeStatus();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicReference<@Nullable Term> current = new AtomicReference<>();
  private final Thread thread = Thread.ofPlatform().name("penstock-bridge").unstarted(this::run);

  Bridge(BridgeSettings settings, BridgeMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
  }

  public void start() {
    thread.start();
  }

  public BridgeStatus status() {
    return status;
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    try {
      while (stop.getCount() > 0) {
        long began = System.nanoTime();
        try {
          lead();
        } catch (BridgeException e) {
          throw e;
        } catch (SQLException | RuntimeException e) {
          metrics.termFailed();
          log.atWarn().setCause(e).log("the term is over");
        }
        status.become(new BridgeStatus.Standby());
        if (System.nanoTime() - began > LONGEST_PAUSE.toNanos()) {
          pause = FIRST_PAUSE;
        }
        if (stop.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
      }
    } catch (BridgeException e) {
      log.atError().log(e.sentence());
      status.become(new BridgeStatus.Broken(e.sentence()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      status.become(new BridgeStatus.Closed());
    }
  }

  private void lead() throws SQLException, InterruptedException {
    try (Lead lead = Lead.await(settings.database(), settings.slot(), stop)) {
      if (lead == null) {
        return;
      }
      try (Term term = new Term(settings, metrics)) {
        current.set(term);
        if (stop.getCount() == 0) {
          return;
        }
        status.become(new BridgeStatus.Leading(term.begin(lead)));
        metrics.leading(true);
        Throwable reason = term.await();
        if (stop.getCount() > 0) {
          metrics.termFailed();
          log.atWarn().setCause(reason).log("the term is over");
        }
      } finally {
        metrics.leading(false);
        current.set(null);
      }
    }
  }

  /// Stops, and gives the lead up: within 2 s where Postgres and Kafka answer, within 5 s where
  /// they do not.
  @Override
  public void close() {
    stop.countDown();
    Term term = current.get();
    if (term != null) {
      term.end(new InterruptedException("the bridge was closed"));
    }
    try {
      if (!thread.join(ORDERLY)) {
        log.atWarn().log("the bridge does not stop in order, it is interrupted");
        thread.interrupt();
        var _ = thread.join(INTERRUPTED);
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
