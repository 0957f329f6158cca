package dev.penstock.bridge;

import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Goes the way of a takeover once while the bridge stands by, without changing anything: a JVM
/// that does all this for the first time needs seconds, which a takeover does not have.
final class WarmUp {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
  private static final Duration STEP = Duration.ofSeconds(5);

  private final BridgeSettings settings;
  private final AtomicBoolean done = new AtomicBoolean();

  WarmUp(BridgeSettings settings) {
    this.settings = settings;
  }

  /// Starts it on a thread of its own, once in the life of this object.
  void start() {
    if (done.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("penstock-bridge-warm-up").start(this::run);
    }
  }

  private void run() {
    try {
      postgres();
      kafka();
      Engine.warmUp();
    } catch (SQLException | ExecutionException | TimeoutException | RuntimeException e) {
      log.atDebug().setCause(e).log("the standby is not warm");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void postgres() throws SQLException {
    try (Connection connection = settings.database().connect("penstock-bridge-warm-up")) {
      var _ = Slot.read(connection, settings.slot(), settings.publication());
      var _ = Cluster.read(connection);
    }
  }

  private void kafka() throws InterruptedException, ExecutionException, TimeoutException {
    String topic = settings.topics().log();
    Admin admin = Admin.create(settings.kafka());
    try {
      var _ =
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get(STEP.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      admin.close(Duration.ofSeconds(1));
    }
    try (LogWriter writer = new LogWriter(settings.kafka(), topic)) {
      writer.rehearse();
    }
    long end;
    try (LogReader reader = LogReader.fromLatestClaim(settings.kafka(), topic)) {
      end = reader.endOffset();
    }
    var _ = LogTail.read(settings.kafka(), topic, end - 1);
  }
}
