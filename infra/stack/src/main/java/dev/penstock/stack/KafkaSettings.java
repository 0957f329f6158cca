package dev.penstock.stack;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/// `server.properties` of a single node that is small, quick to restart and takes Penstock's
/// records.
final class KafkaSettings {
  /// The log's records are up to 32 MiB before their headers and framing.
  static final int MAX_RECORD_BYTES = 40 << 20;

  private KafkaSettings() {}

  static Properties of(Path logs, int port, int controllerPort, Map<String, String> settings) {
    Properties properties = new Properties();
    properties.setProperty("process.roles", "broker,controller");
    properties.setProperty("node.id", "1");
    // Static voters: the address is read from here at every start, not from the data, so that ports
    // may change.
    properties.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.setProperty(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    properties.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    properties.setProperty("log.dirs", logs.toString());
    properties.putAll(COMMON);
    properties.putAll(TIMES);
    properties.putAll(settings);
    return properties;
  }

  static final Map<String, String> COMMON =
      Map.ofEntries(
          Map.entry("controller.listener.names", "CONTROLLER"),
          Map.entry("inter.broker.listener.name", "PLAINTEXT"),
          Map.entry("auto.create.topics.enable", "false"),
          Map.entry("offsets.topic.replication.factor", "1"),
          Map.entry("offsets.topic.num.partitions", "5"),
          // A position that expires while nothing runs would be a repetition of everything.
          Map.entry("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE)),
          Map.entry("transaction.state.log.replication.factor", "1"),
          Map.entry("transaction.state.log.min.isr", "1"),
          Map.entry("transaction.state.log.num.partitions", "5"),
          Map.entry("share.coordinator.state.topic.replication.factor", "1"),
          Map.entry("share.coordinator.state.topic.min.isr", "1"),
          Map.entry("share.coordinator.state.topic.num.partitions", "5"),
          Map.entry("message.max.bytes", Integer.toString(MAX_RECORD_BYTES)),
          Map.entry("replica.fetch.max.bytes", Integer.toString(MAX_RECORD_BYTES)),
          Map.entry("num.network.threads", "2"),
          Map.entry("num.io.threads", "4"),
          Map.entry("background.threads", "2"),
          // A fixed buffer of the cleaner; Kafka's own 128 MiB are half of a small heap.
          Map.entry("log.cleaner.dedupe.buffer.size", "2097152"));

  /// Lower bounds, so that clients may ask for sessions of seconds, and a broker that notices its
  /// own earlier death soon.
  static final Map<String, String> TIMES =
      Map.ofEntries(
          Map.entry("broker.session.timeout.ms", "2000"),
          Map.entry("broker.heartbeat.interval.ms", "300"),
          Map.entry("group.initial.rebalance.delay.ms", "0"),
          Map.entry("group.min.session.timeout.ms", "1000"),
          Map.entry("group.consumer.min.session.timeout.ms", "1000"),
          Map.entry("group.consumer.session.timeout.ms", "6000"),
          Map.entry("group.consumer.min.heartbeat.interval.ms", "100"),
          Map.entry("group.consumer.heartbeat.interval.ms", "1000"),
          Map.entry("group.consumer.assignment.interval.ms", "0"),
          Map.entry("group.share.min.session.timeout.ms", "1000"),
          Map.entry("group.share.session.timeout.ms", "6000"),
          Map.entry("group.share.min.heartbeat.interval.ms", "100"),
          Map.entry("group.share.heartbeat.interval.ms", "1000"),
          Map.entry("group.share.assignment.interval.ms", "0"),
          Map.entry("group.share.initialize.retry.interval.ms", "1000"),
          Map.entry("group.share.min.record.lock.duration.ms", "1000"),
          // How soon the open transaction of a dead producer is noticed once its own timeout is
          // over.
          Map.entry("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"));
}
