package dev.penstock.analytics;

import dev.penstock.contracts.Topics;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/// The consumer's configuration; every key has its comment and default in `penstock-analytics.yml`.
///
/// @param kafkaBootstrapServers `host:port`, comma-separated
/// @param topicPrefix the first part of every topic's name
/// @param group the consumer group, which only assigns the partitions
/// @param file the DuckDB file; its directory must exist
/// @param memory what DuckDB may take
/// @param batchRows how many records one transaction has at most
/// @param batchBytes how many bytes of records are fetched at once
/// @param quarantine how many unreadable records are kept aside before the consumer stops
/// @param address where page and reports are served
/// @param port 0 for a free one
/// @param openToAll must be said where the address is not loopback: there are no logins
@ConfigurationProperties(prefix = "penstock.analytics", ignoreUnknownFields = false)
record AnalyticsProperties(
    String kafkaBootstrapServers,
    String topicPrefix,
    String group,
    Path file,
    DataSize memory,
    int batchRows,
    DataSize batchBytes,
    int quarantine,
    String address,
    int port,
    boolean openToAll) {

  AnalyticsProperties {
    requireText("kafka-bootstrap-servers", kafkaBootstrapServers);
    requireText("topic-prefix", topicPrefix);
    requireText("group", group);
    require(!file.toString().isBlank(), "file must not be empty");
    require(memory.toMegabytes() >= 32, "memory must be at least 32MB");
    require(batchRows >= 1 && batchRows <= 100_000, "batch-rows must be from 1 to 100000");
    require(
        batchBytes.toKilobytes() >= 64 && batchBytes.toMegabytes() <= 256,
        "batch-bytes must be from 64KB to 256MB");
    require(quarantine >= 0 && quarantine <= 10_000, "quarantine must be from 0 to 10000");
    requireText("address", address);
    require(port >= 0 && port <= 65_535, "port must be a port or 0");
    require(
        openToAll || isLoopback(address),
        "open-to-all must be true for the address "
            + address
            + ": whoever reaches it sees the numbers of all users");
  }

  String topic() {
    return new Topics(topicPrefix).table("public", "messages");
  }

  /// For a consumer whose offsets are not Kafka's affair: nothing is committed, and a position that
  /// is gone from the topic is an error, not a new beginning.
  Map<String, Object> consumer() {
    return Map.ofEntries(
        Map.entry("bootstrap.servers", kafkaBootstrapServers),
        Map.entry("group.id", group),
        // A restarted one takes its predecessor's place at once, instead of after its session.
        Map.entry("group.instance.id", group),
        Map.entry("isolation.level", "read_committed"),
        Map.entry("enable.auto.commit", false),
        Map.entry("auto.offset.reset", "none"),
        Map.entry("max.poll.records", batchRows),
        Map.entry("fetch.max.bytes", Math.toIntExact(batchBytes.toBytes())),
        Map.entry(
            "max.partition.fetch.bytes", Math.toIntExact(Math.min(batchBytes.toBytes(), 1 << 20))),
        // The bridge makes the topic, with what it needs.
        Map.entry("allow.auto.create.topics", false),
        Map.entry("metadata.max.age.ms", 10_000));
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("penstock.analytics.address is no address: " + address, e);
    }
  }

  private static void requireText(String key, String value) {
    require(!value.isBlank(), key + " must not be empty");
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException("penstock.analytics." + sentence);
    }
  }
}
