package dev.penstock.bridge;

import dev.penstock.bridge.router.Router;
import dev.penstock.contracts.log.LogCut;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cuts the log's old end while its bridge leads: what is older than a time or exceeds a size, and
/// was routed. A failure is tried again; it ends no term.
final class Retention implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);

  private final Map<String, Object> kafka;
  private final String topic;
  private final BridgeSettings settings;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().name("penstock-retention").unstarted(this::run);

  Retention(BridgeSettings settings) {
    this.settings = settings;
    this.kafka = settings.kafka();
    this.topic = settings.topics().log();
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!stop.await(settings.retention().every().toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          cut();
        } catch (org.apache.kafka.common.errors.InterruptException e) {
          throw e;
        } catch (RuntimeException e) {
          log.atWarn().setCause(e).log("the log could not be cut");
        }
      }
    } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void cut() {
    OptionalLong routed = Router.position(settings.routing(), kafka);
    if (routed.isEmpty()) {
      return;
    }
    LogCut.before(
            kafka,
            topic,
            settings.retention().age(),
            settings.retention().bytes(),
            routed.getAsLong())
        .ifPresent(offset ->
            log.atInfo().addKeyValue("topic", topic).addKeyValue("offset", offset).log("cut"));
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      if (!thread.join(Duration.ofMillis(500))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  /// @param age what is older goes
  /// @param bytes what exceeds this goes
  /// @param every how often it is looked at
  record Limits(Duration age, long bytes, Duration every) {}
}
