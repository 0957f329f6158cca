package dev.penstock.management;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way out of a service that others call, so that none of them meets a connection that is just
/// being closed.
///
/// First the service says that it is not ready and ends each connection with the answer that it
/// gives on it, but serves on: whoever spreads requests stops to send it any. Then it answers what
/// it holds. What is under way after that may finish.
public final class Drain {
  /// The longest that may be set: with the rest of a stop it stays within 10 s.
  public static final Duration LONGEST = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  private final Duration notReady;
  private final CountDownLatch hurried = new CountDownLatch(1);
  private final Set<Runnable> held = ConcurrentHashMap.newKeySet();
  private volatile boolean begun;
  private volatile boolean answering;

  /// @param notReady how long to serve on before what is held is answered, zero where nobody
  ///   spreads requests
  public Drain(Duration notReady) {
    this.notReady = notReady;
  }

  /// Whether a setting is of a length that it may have.
  public static boolean allows(Duration notReady) {
    return !notReady.isNegative() && notReady.compareTo(LONGEST) <= 0;
  }

  /// Whether no new request should come and each connection is to end with its next answer.
  public boolean isBegun() {
    return begun;
  }

  /// A part without which the service is not ready.
  public Part part() {
    return Part.needed("open", () -> !begun, Map::of);
  }

  /// A request is held from now on.
  ///
  /// @param answer ends that, now or later, by any thread; compared by identity
  public void hold(Runnable answer) {
    held.add(answer);
    if (answering) {
      answer.run();
    }
  }

  /// The request is not held any more.
  public void release(Runnable answer) {
    held.remove(answer);
  }

  /// Drains, and returns when what was held is being answered.
  public void run() {
    begun = true;
    try {
      var _ = hurried.await(notReady.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    answering = true;
    int answers = held.size();
    held.forEach(Runnable::run);
    log.atInfo().addKeyValue("held", answers).log("drained");
  }

  /// Nobody is left who could be sent elsewhere: does not wait any longer.
  public void hurry() {
    hurried.countDown();
  }
}
