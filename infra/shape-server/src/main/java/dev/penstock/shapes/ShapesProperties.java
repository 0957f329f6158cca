package dev.penstock.shapes;

import dev.penstock.management.Drain;
import dev.penstock.management.Management;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// Settings of the shape-server; each is explained in `penstock-shape-server.yml`.
@ConfigurationProperties(prefix = "penstock.shapes", ignoreUnknownFields = false)
record ShapesProperties(
    int port,
    String address,
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    int databaseConnections,
    String publication,
    boolean lazyDiscovery,
    Duration discoveryLockTimeout,
    String kafkaBootstrapServers,
    @Nullable Map<String, String> kafka,
    String topicPrefix,
    String secret,
    String handleSecret,
    boolean development,
    boolean allowDelete,
    Duration longPoll,
    Duration sseDuration,
    Duration sseKeepAlive,
    Duration patience,
    Duration maxAge,
    Duration staleAge,
    Duration writeTimeout,
    long chunkBytes,
    int initialRequests,
    int existingRequests,
    long replayBytes,
    long windowBytes,
    long feedBytes,
    long allFeedsBytes,
    long catchUpBytes,
    int catchUpReaders,
    long catchUpBytesPerSecond,
    Duration maxLag,
    String managementAddress,
    int managementPort,
    Duration drain) {

  ShapesProperties {
    kafka = kafka == null ? Map.of() : Map.copyOf(kafka);
    require(port >= 0 && port <= 65_535, "port must be a port, 0 for any free one");
    require(databaseUrl.startsWith("jdbc:postgresql:"), "database-url must be jdbc:postgresql:…");
    require(databaseConnections > 0, "database-connections must be at least 1");
    require(!publication.isBlank(), "publication must name a publication");
    require(
        discoveryLockTimeout.isPositive()
            && discoveryLockTimeout.compareTo(Duration.ofMillis(500)) <= 0,
        "discovery-lock-timeout must be positive and at most 500ms");
    require(!kafkaBootstrapServers.isBlank(), "kafka-bootstrap-servers must name a broker");
    require(longPoll.isPositive(), "long-poll must be positive");
    require(sseDuration.isPositive(), "sse-duration must be positive");
    require(sseKeepAlive.isPositive(), "sse-keep-alive must be positive");
    require(patience.isPositive(), "patience must be positive");
    require(writeTimeout.isPositive(), "write-timeout must be positive");
    require(chunkBytes > 0, "chunk-bytes must be positive");
    require(initialRequests > 0, "initial-requests must be at least 1");
    require(existingRequests > 0, "existing-requests must be at least 1");
    require(windowBytes > 0, "window-bytes must be positive");
    require(feedBytes > 0 && feedBytes <= allFeedsBytes, "feed-bytes must fit all-feeds-bytes");
    require(catchUpBytes >= 0, "catch-up-bytes must not be negative");
    require(catchUpReaders > 0, "catch-up-readers must be at least 1");
    require(catchUpBytesPerSecond > 0, "catch-up-bytes-per-second must be positive");
    require(!managementAddress.isBlank(), "management-address must not be empty");
    var _ = Management.wanted("penstock.shapes", managementPort);
    require(Drain.allows(drain), "drain must be 0s to 5s");
    require(maxLag.toSeconds() >= 5, "max-lag must be at least 5 s");
    require(
        !secret.isEmpty() || (development && isLoopback(address)),
        "secret must be set, unless penstock.shapes.development is true and"
            + " penstock.shapes.address is a loopback address");
  }

  Map<String, Object> kafkaClients() {
    Map<String, Object> clients = new HashMap<>();
    if (kafka != null) {
      clients.putAll(kafka);
    }
    clients.put("bootstrap.servers", kafkaBootstrapServers);
    return clients;
  }

  /// Without secrets.
  @Override
  public String toString() {
    return "ShapesProperties[%s:%d, %s]".formatted(address, port, databaseUser);
  }

  /// What signs handles: all instances must have the same.
  String signingSecret() {
    return !handleSecret.isEmpty() ? handleSecret : !secret.isEmpty() ? secret : "development";
  }

  private static void require(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException("penstock.shapes." + sentence);
    }
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "penstock.shapes.address must be an address of this machine, not " + address, e);
    }
  }
}
