package dev.penstock.bridge;

import dev.penstock.bridge.router.OutboxRoute;
import dev.penstock.bridge.router.PayloadSchema;
import dev.penstock.bridge.router.Routing;
import dev.penstock.contracts.Topics;
import dev.penstock.management.Management;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/// The bridge's configuration; every key has its comment and default in
/// `penstock-replication-bridge.yml`.
///
/// @param databaseUrl `jdbc:postgresql://…` of the database whose slot is read
/// @param databaseUser a role with REPLICATION
/// @param databasePassword empty where the server trusts the user
/// @param kafkaBootstrapServers `host:port`, comma-separated
/// @param kafka more of the Kafka clients' configuration, such as `security.protocol`
/// @param topicPrefix the first part of every topic's name
/// @param slot the replication slot, made by the migrations
/// @param failoverSlot whether standbys are to keep a copy of the slot, from Postgres 17 on
/// @param publication the publication, made by the migrations
/// @param instance who this is, in the log's claims
/// @param replicationFactor of the topics that the bridge makes
/// @param progressInterval how often the position of a database without published changes goes into
///   the log
/// @param canaryInterval how often the leader sends a canary, zero for never
/// @param snapshotPatience how long a new generation waits for running transactions
/// @param logRetention what is older goes from the log
/// @param logSize what exceeds it goes from the log
/// @param logCheckInterval how often both are looked at
/// @param tombstones whether a delete is followed by a record without value
/// @param partitionColumns by table, the immutable column that decides the partition
/// @param outbox by prefix, where messages of the outbox go
/// @param giveUpAfter failing for so long without any success ends the bridge
/// @param walCheckInterval how often the WAL that the slot retains is looked at
/// @param walRetainedAlarm how much of it is worth an alarm
/// @param transactionAgeAlarm how old the oldest open transaction is then
/// @param managementAddress where health and metrics are served
/// @param managementPort 0 for a free one, -1 for none
@ConfigurationProperties(prefix = "penstock.bridge", ignoreUnknownFields = false)
record BridgeProperties(
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    String kafkaBootstrapServers,
    @Nullable Map<String, String> kafka,
    String topicPrefix,
    String slot,
    boolean failoverSlot,
    String publication,
    String instance,
    short replicationFactor,
    Duration progressInterval,
    Duration canaryInterval,
    Duration snapshotPatience,
    Duration logRetention,
    DataSize logSize,
    Duration logCheckInterval,
    boolean tombstones,
    @Nullable Map<String, String> partitionColumns,
    @Nullable Map<String, OutboxProperties> outbox,
    Duration giveUpAfter,
    Duration walCheckInterval,
    DataSize walRetainedAlarm,
    Duration transactionAgeAlarm,
    String managementAddress,
    int managementPort) {

  /// @param topic the topic's name without the prefix
  /// @param key the content's field that is the record's key
  /// @param schema the name of a JSON Schema of the contract
  record OutboxProperties(String topic, String key, String schema) {}

  BridgeProperties {
    if (!databaseUrl.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(
          "penstock.bridge.database-url must begin with jdbc:postgresql:");
    }
    requireText("kafka-bootstrap-servers", kafkaBootstrapServers);
    requireText("topic-prefix", topicPrefix);
    requireText("slot", slot);
    requireText("publication", publication);
    requireText("instance", instance);
    if (replicationFactor < 1) {
      throw new IllegalArgumentException("penstock.bridge.replication-factor must be at least 1");
    }
    if (progressInterval.compareTo(Duration.ofMillis(100)) < 0) {
      throw new IllegalArgumentException(
          "penstock.bridge.progress-interval must be at least 100 ms");
    }
    if (canaryInterval.isNegative()) {
      throw new IllegalArgumentException("penstock.bridge.canary-interval must not be negative");
    }
    if (snapshotPatience.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("penstock.bridge.snapshot-patience must be at least 1 s");
    }
    requirePositive("log-retention", logRetention);
    if (logSize.toBytes() <= 0) {
      throw new IllegalArgumentException("penstock.bridge.log-size must be positive");
    }
    requirePositive("log-check-interval", logCheckInterval);
    requirePositive("give-up-after", giveUpAfter);
    if (walCheckInterval.compareTo(Duration.ofMillis(100)) < 0) {
      throw new IllegalArgumentException(
          "penstock.bridge.wal-check-interval must be at least 100 ms");
    }
    if (walRetainedAlarm.toBytes() <= 0) {
      throw new IllegalArgumentException("penstock.bridge.wal-retained-alarm must be positive");
    }
    requirePositive("transaction-age-alarm", transactionAgeAlarm);
    requireText("management-address", managementAddress);
    var _ = Management.wanted("penstock.bridge", managementPort);
  }

  BridgeSettings toSettings() {
    Topics topics = new Topics(topicPrefix);
    Database database = new Database(databaseUrl, databaseUser, databasePassword);
    Map<String, OutboxRoute> routes = new HashMap<>();
    if (outbox != null) {
      outbox.forEach((prefix, declared) -> routes.put(prefix, route(topics, prefix, declared)));
    }
    return new BridgeSettings(
        database,
        slot,
        publication,
        failoverSlot,
        kafkaClients(),
        topics,
        replicationFactor,
        instance,
        progressInterval,
        canaryInterval,
        snapshotPatience,
        new Retention.Limits(logRetention, logSize.toBytes(), logCheckInterval),
        new Routing(
            topics,
            replicationFactor,
            database.parts().getProperty("PGDBNAME", ""),
            partitionColumns == null ? Map.of() : partitionColumns,
            routes,
            tombstones),
        giveUpAfter,
        new WalLimits(walCheckInterval, walRetainedAlarm.toBytes(), transactionAgeAlarm));
  }

  private Map<String, Object> kafkaClients() {
    Map<String, Object> clients = new HashMap<>();
    if (kafka != null) {
      clients.putAll(kafka);
    }
    clients.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafkaBootstrapServers);
    return clients;
  }

  /// Without secrets.
  @Override
  public String toString() {
    return "BridgeProperties[%s, %s, %s]".formatted(instance, databaseUser, kafkaBootstrapServers);
  }

  private static OutboxRoute route(Topics topics, String prefix, OutboxProperties declared) {
    String topic = topics.prefix() + "." + declared.topic();
    if (OutboxRoute.reserved(prefix)) {
      throw new IllegalArgumentException(
          "penstock.bridge.outbox must not declare the reserved prefix " + prefix);
    }
    if (OutboxRoute.forbidden(topics, topic)) {
      throw new IllegalArgumentException(
          "penstock.bridge.outbox[%s].topic must not be %s, which is Penstock's own"
              .formatted(prefix, topic));
    }
    return new OutboxRoute(topic, declared.key(), PayloadSchema.named(declared.schema()));
  }

  private static void requirePositive(String key, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException("penstock.bridge." + key + " must be positive");
    }
  }

  private static void requireText(String key, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException("penstock.bridge." + key + " must not be empty");
    }
  }
}
