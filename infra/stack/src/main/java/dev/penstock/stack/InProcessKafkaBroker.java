package dev.penstock.stack;

import java.time.Duration;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class InProcessKafkaBroker extends BrokerOnDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(InProcessKafkaBroker.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

  private @Nullable KafkaRaftServer server;

  private InProcessKafkaBroker(KafkaDirectory directory) {
    super(directory);
  }

  static InProcessKafkaBroker start(KafkaDirectory directory) {
    InProcessKafkaBroker broker = new InProcessKafkaBroker(directory);
    try {
      broker.start();
      return broker;
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /// The production class, in any JVM.
  static KafkaRaftServer serve(Properties properties) {
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
    server.startup();
    return server;
  }

  @Override
  public synchronized void start() {
    if (server == null) {
      server = serve(directory.prepare());
    }
  }

  @Override
  public synchronized void stop() {
    KafkaRaftServer running = server;
    if (running == null) {
      return;
    }
    server = null;
    Thread stopper =
        Thread.ofPlatform()
            .daemon()
            .name("kafka-stop")
            .start(() -> {
              running.shutdown();
              running.awaitShutdown();
            });
    try {
      if (!stopper.join(STOP_LIMIT)) {
        LOG.atWarn()
            .addKeyValue("directory", directory.path())
            .log("Kafka did not stop in time and is left to the end of this process");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return server != null;
  }
}
