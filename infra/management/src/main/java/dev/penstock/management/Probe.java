package dev.penstock.management;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks another service again and again, on a thread of its own, whether it answers.
///
/// What counts is when the last question was put that was answered well: one that hangs shows as
/// well as one that fails, and the asking thread of whoever wants to know never waits.
public final class Probe implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Probe.class);

  private final String name;
  private final Callable<Boolean> question;
  private final Duration interval;
  private final Duration patience;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean answered;
  private volatile long askedNanos = System.nanoTime();

  /// Begins at once.
  ///
  /// @param question true for a good answer; must end by itself
  /// @param interval between an answer and the next question
  /// @param patience how long ago the last question may be that was answered well
  public Probe(String name, Callable<Boolean> question, Duration interval, Duration patience) {
    this.name = name;
    this.question = question;
    this.interval = interval;
    this.patience = patience;
    this.thread = Thread.ofPlatform().daemon().name("penstock-probe-" + name).start(this::run);
  }

  /// Whether the last good answer is new enough.
  public boolean isUp() {
    return answered && age().compareTo(patience) < 0;
  }

  /// How long ago the last question was put that was answered well; since the start if none was.
  public Duration age() {
    return Duration.ofNanos(System.nanoTime() - askedNanos);
  }

  private void run() {
    try {
      do {
        long asked = System.nanoTime();
        if (ask()) {
          askedNanos = asked;
          answered = true;
        }
      } while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean ask() throws InterruptedException {
    try {
      return question.call();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      log.atDebug().addKeyValue("probe", name).setCause(e).log("no good answer");
      return false;
    }
  }

  @Override
  public void close() {
    stop.countDown();
    thread.interrupt();
  }
}
