package dev.penstock.bridge;

import dev.penstock.bridge.router.RouterStatus;
import dev.penstock.contracts.log.ResumePoint;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One instance of the bridge: a standby until it gets the lead, and again after it loses it.
public final class Bridge implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bridge.class);
  private static final Duration ORDERLY = Duration.ofSeconds(3);
  private static final Duration INTERRUPTED = Duration.ofSeconds(2);
  private static final Duration STOOD_BY = Duration.ofMinutes(1);

  private final BridgeSettings settings;
  private final BridgeMetrics metrics;
  private final Retries retries;
  private final WarmUp warmUp;
  private final AtomicReference<@Nullable Refutation> refuted = new AtomicReference<>();
  private final BridgeStatus status = new BridgeStatus();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicReference<@Nullable Term> current = new AtomicReference<>();
  private final Thread thread = Thread.ofPlatform().name("penstock-bridge").unstarted(this::run);

  Bridge(BridgeSettings settings, BridgeMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
    this.retries = new Retries(settings.giveUpAfter());
    this.warmUp = new WarmUp(settings);
  }

  public void start() {
    thread.start();
  }

  public BridgeStatus status() {
    return status;
  }

  private void run() {
    try {
      while (stop.getCount() > 0) {
        Throwable failure;
        try {
          failure = lead();
        } catch (SQLException | RuntimeException e) {
          failure = e;
        }
        if (stop.getCount() == 0) {
          return;
        }
        metrics.termFailed();
        Duration pause = retries.failed(failure);
        metrics.failing(retries.failures());
        log.atWarn()
            .addKeyValue("failures", retries.failures())
            .addKeyValue("pause", pause)
            .setCause(failure)
            .log("the term is over");
        status.become(
            new BridgeStatus.Failing(
                retries.failures(), retries.since(), Retries.sentence(failure)));
        var _ = stop.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (BridgeException e) {
      log.atError().log(e.sentence());
      status.become(new BridgeStatus.Broken(e.sentence()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Error e) {
      status.become(new BridgeStatus.Broken("the bridge cannot run: " + e));
      throw e;
    } finally {
      status.become(new BridgeStatus.Closed());
    }
  }

  /// Stands by, leads, and says why it no longer does.
  private Throwable lead() throws SQLException, InterruptedException {
    Lead lead = awaitLead();
    if (lead == null) {
      return new InterruptedException("the bridge was closed");
    }
    log.atInfo().addKeyValue("slot", settings.slot()).log("has the lead");
    try (lead;
        Term term = new Term(settings, metrics, refuted)) {
      current.set(term);
      if (stop.getCount() == 0) {
        return new InterruptedException("the bridge was closed");
      }
      long epoch = term.begin(lead);
      Optional<ResumePoint> start = term.acknowledged();
      status.become(new BridgeStatus.Leading(epoch));
      metrics.leading(true);
      Throwable reason = term.await();
      // Before the end of it, which takes a moment.
      status.become(new BridgeStatus.Standby());
      // A term that adds nothing before it fails is one more failure, not a new beginning.
      if (!term.acknowledged().equals(start)) {
        recovered();
      }
      return reason;
    } finally {
      metrics.leading(false);
      current.set(null);
    }
  }

  /// To stand by for a while is a success; for a moment it is not: where each of two fails as it
  /// leads, each stands by in between.
  private @Nullable Lead awaitLead() throws SQLException, InterruptedException {
    long begun = System.nanoTime();
    try {
      return Lead.await(settings.database(), settings.slot(), stop, this::standsBy);
    } finally {
      if (System.nanoTime() - begun > STOOD_BY.toNanos()) {
        recovered();
      }
    }
  }

  private void standsBy() {
    metrics.failing(0);
    warmUp.start();
    status.become(new BridgeStatus.Standby());
  }

  private void recovered() {
    retries.succeeded();
    metrics.failing(0);
  }

  /// What the log has acknowledged in the present term, if there is one; by any thread.
  Optional<ResumePoint> acknowledged() {
    Term term = current.get();
    return term == null ? Optional.empty() : term.acknowledged();
  }

  /// Of the last record that the log has acknowledged in the present term, else -1; by any thread.
  long acknowledgedOffset() {
    Term term = current.get();
    return term == null ? -1 : term.acknowledgedOffset();
  }

  /// Of the present term's router, if there is one; by any thread.
  Optional<RouterStatus> routerStatus() {
    return Optional.ofNullable(current.get()).map(Term::routerStatus);
  }

  /// Stops, and gives the lead up: within 5 s, also where Postgres and Kafka do not answer.
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
