package dev.penstock.gateway;

import dev.penstock.management.Drain;
import dev.penstock.management.Management;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/// Settings of the gateway; `penstock-gateway.yml` has comment and default of each.
///
/// @param databaseConnections at most this many permission checks run at once
/// @param shapesConnections requests that may be under way to the shape server, held polls included
/// @param shapesPending requests that may wait for one of them
/// @param shapesTimeout between two reads of an answer; longer than the upstream holds a poll
/// @param shapesWindow bytes of one answer kept for clients slower than its fastest
/// @param shapesBuffer bytes of all answers kept so
/// @param shapesReuse how long a live answer serves those who ask the same a moment later
/// @param shapeTokenKeys `kid:secret`, the first signs
/// @param corsOrigins that may use the gateway besides its own
/// @param kafkaBootstrapServers where revocations are; empty for one gateway without Kafka
/// @param kafka more of the Kafka clients' configuration, such as `security.protocol`
/// @param revocationRetention how long they are kept; no Auth Token may live longer
/// @param revocationsStaleAfter so long without Kafka, no new Shape Tokens are given
/// @param revocationsMost that are kept in memory; beyond it no new Shape Tokens are given
/// @param operatorClaim whose value `operatorValue` makes an Auth Token an operator's; empty for
///   none
/// @param stalledAfter so long without taking a byte, a client is cut
/// @param trustedProxies whose `X-Forwarded-For` is believed
/// @param userRate requests per second of one user, with `userBurst` at once after a rest
/// @param addressRate the same from one address
/// @param limitTable users, and addresses, that are remembered for it
/// @param heldPerUser polls and streams of one user under way
/// @param heldPerAddress the same from one address
/// @param held the same in all
/// @param managementAddress where health and metrics are served
/// @param managementPort 0 for a free one, -1 for none
@ConfigurationProperties(prefix = "penstock.gateway", ignoreUnknownFields = false)
public record GatewayProperties(
    int port,
    String address,
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    int databaseConnections,
    String shapesUrl,
    String shapesSecret,
    int shapesConnections,
    int shapesPending,
    Duration shapesConnectTimeout,
    Duration shapesTimeout,
    DataSize shapesWindow,
    DataSize shapesBuffer,
    Duration shapesReuse,
    DataSize shapeBodyLimit,
    List<String> shapeTokenKeys,
    Duration shapeTokenLifetime,
    String commandUrl,
    int commandConnections,
    Duration commandTimeout,
    DataSize commandBodyLimit,
    String authAlgorithm,
    String authSecret,
    String authPublicKey,
    String authJwksUrl,
    String authIssuer,
    String authAudience,
    Duration authClockSkew,
    List<String> corsOrigins,
    String kafkaBootstrapServers,
    @Nullable Map<String, String> kafka,
    String topicPrefix,
    Duration revocationRetention,
    Duration revocationsStaleAfter,
    int revocationsMost,
    String operatorClaim,
    String operatorValue,
    Duration stalledAfter,
    int trustedProxies,
    double userRate,
    int userBurst,
    double addressRate,
    int addressBurst,
    int limitTable,
    int heldPerUser,
    int heldPerAddress,
    int held,
    int maxConnections,
    int maxHeaders,
    DataSize maxUrl,
    String managementAddress,
    int managementPort,
    Duration drain) {
  public GatewayProperties {
    require(port >= 0 && port <= 65535, "port", "must be a port");
    require(
        databaseUrl.startsWith("jdbc:postgresql:"),
        "database-url",
        "must be a jdbc:postgresql: URL");
    require(databaseConnections > 0, "database-connections", "must be at least 1");
    require(isHttp(shapesUrl), "shapes-url", "must be an http or https URL");
    require(isHttp(commandUrl), "command-url", "must be an http or https URL");
    require(shapesConnections > 0, "shapes-connections", "must be at least 1");
    require(shapesPending > 0, "shapes-pending", "must be at least 1");
    require(commandConnections > 0, "command-connections", "must be at least 1");
    requirePositive(shapesConnectTimeout, "shapes-connect-timeout");
    require(
        shapesTimeout.compareTo(Duration.ofSeconds(30)) > 0,
        "shapes-timeout",
        "must be longer than the 20 s for which a poll is held, and than 30 s");
    requirePositive(commandTimeout, "command-timeout");
    require(
        shapeTokenLifetime.compareTo(Duration.ofSeconds(1)) >= 0
            && shapeTokenLifetime.compareTo(Duration.ofHours(1)) <= 0,
        "shape-token-lifetime",
        "must be between 1 s and 1 h: it bounds how long a permission outlives its withdrawal");
    require(!authClockSkew.isNegative(), "auth-clock-skew", "must not be negative");
    requireSize(shapeBodyLimit, "shape-body-limit");
    requireSize(commandBodyLimit, "command-body-limit");
    requireSize(shapesWindow, "shapes-window");
    require(
        shapesBuffer.compareTo(shapesWindow) >= 0,
        "shapes-buffer",
        "must be at least shapes-window");
    require(
        !shapesReuse.isNegative() && shapesReuse.compareTo(Duration.ofSeconds(5)) <= 0,
        "shapes-reuse",
        "must be between 0 s and the 5 s for which Electric lets a live answer be shared");
    require(
        stalledAfter.compareTo(Duration.ofSeconds(1)) >= 0,
        "stalled-after",
        "must be at least 1 s");
    require(
        revocationRetention.compareTo(shapeTokenLifetime) >= 0,
        "revocation-retention",
        "must be at least shape-token-lifetime");
    require(
        revocationsStaleAfter.compareTo(Duration.ofSeconds(5)) >= 0,
        "revocations-stale-after",
        "must be at least 5 s");
    require(revocationsMost > 0, "revocations-most", "must be at least 1");
    require(
        operatorClaim.isEmpty() == operatorValue.isEmpty(),
        "operator-value",
        "and operator-claim must be given together");
    require(trustedProxies >= 0, "trusted-proxies", "must not be negative");
    require(userRate > 0, "user-rate", "must be more than 0");
    require(userBurst > 0, "user-burst", "must be at least 1");
    require(addressRate > 0, "address-rate", "must be more than 0");
    require(addressBurst > 0, "address-burst", "must be at least 1");
    require(limitTable > 0, "limit-table", "must be at least 1");
    require(heldPerUser > 0, "held-per-user", "must be at least 1");
    require(heldPerAddress > 0, "held-per-address", "must be at least 1");
    require(held > 0, "held", "must be at least 1");
    require(maxConnections > 0, "max-connections", "must be at least 1");
    require(maxHeaders > 0, "max-headers", "must be at least 1");
    require(
        maxUrl.toBytes() > 0 && maxUrl.toBytes() <= 60 * 1024,
        "max-url",
        "must be between 1 byte and 60 KB");
    kafka = kafka == null ? Map.of() : Map.copyOf(kafka);
    require(!managementAddress.isBlank(), "management-address", "must not be empty");
    var _ = Management.wanted("penstock.gateway", managementPort);
    require(Drain.allows(drain), "drain", "must be 0s to 5s");
    shapeTokenKeys = orEmpty(shapeTokenKeys);
    corsOrigins = orEmpty(corsOrigins);
    for (String origin : corsOrigins) {
      require(
          isHttp(origin) && !origin.endsWith("/") && !origin.contains("*"),
          "cors-origins",
          "must be origins such as https://app.example.org, without a path or '*'");
    }
  }

  /// Without the secrets.
  @Override
  public String toString() {
    return "GatewayProperties[%s:%d]".formatted(address, port);
  }

  private static List<String> orEmpty(@Nullable List<String> values) {
    return values == null
        ? List.of()
        : values.stream().map(String::strip).filter(value -> !value.isEmpty()).toList();
  }

  private static boolean isHttp(String url) {
    try {
      URI uri = URI.create(url);
      return uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
    } catch (IllegalArgumentException notAUrl) {
      return false;
    }
  }

  private static void requirePositive(Duration value, String key) {
    require(value.isPositive(), key, "must be positive");
  }

  private static void requireSize(DataSize size, String key) {
    require(
        size.toBytes() > 0 && size.toBytes() <= DataSize.ofMegabytes(8).toBytes(),
        key,
        "must be between 1 byte and 8 MB");
  }

  private static void require(boolean holds, String key, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException("penstock.gateway." + key + " " + sentence);
    }
  }
}
