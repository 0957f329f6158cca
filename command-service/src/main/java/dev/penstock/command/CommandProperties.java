package dev.penstock.command;

import dev.penstock.command.txid.TracerSettings;
import dev.penstock.contracts.Topics;
import dev.penstock.management.Drain;
import dev.penstock.management.Management;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/// Settings of the command-service; `penstock-command-service.yml` has each with its default.
///
/// @param port TCP port, 0 for a free one
/// @param address the address to listen on
/// @param databaseUrl `jdbc:postgresql://…`
/// @param databaseUser a role that may read, insert and update the synced tables and `commands`,
///   and read and delete `dead_letters`
/// @param databasePassword of that role, empty where the server trusts it
/// @param maxConnections to Postgres: so many commands are written at once
/// @param connectionWait how long a request waits for one of them before it is answered 503
/// @param statementTimeout how long Postgres may take for one command, its waits for locks included
/// @param maxContent of a question, in UTF-8 bytes
/// @param maxTitle of a conversation, in Unicode code points
/// @param maxBody of a request, in bytes
/// @param authSecret secret of the Auth Tokens' issuer, at least as long as the hash of its
///   algorithm
/// @param authPublicKey its public key, X.509 in PEM
/// @param authJwksUrl where its key set is
/// @param authIssuer required `iss`; without a key above, also where its metadata is found
/// @param authAlgorithm the only accepted signature algorithm; empty for HS256 with a secret, else
///   RS256, as in the gateway
/// @param authAudience required member of `aud`, empty for none
/// @param operatorClaim whose value `operatorValue` makes an Auth Token an operator's; empty for
///   none
/// @param operatorValue what that claim must be or contain
/// @param kafkaBootstrapServers where the log and the keyed topics are, for `GET /txids/{txid}`
/// @param topicPrefix the first part of every topic's name
/// @param kafka more of the Kafka clients' configuration, such as `security.protocol`
/// @param shapesUrls every shape-server that is asked what it has released; none where the upstream
///   is an Electric
/// @param shapesSecret what they want as secret
/// @param txidSearches transactions searched for at once; further ones are answered 503
/// @param txidTimeout of one search
/// @param txidScan records of Kafka that one search may read
/// @param clockSlack by how much the clocks of Postgres and bridge may differ
/// @param managementAddress where health and metrics are served
/// @param managementPort 0 for a free one, -1 for none
/// @param drain how long a stop says that it is not ready before it closes anything
@ConfigurationProperties(prefix = "penstock.command", ignoreUnknownFields = false)
public record CommandProperties(
    int port,
    String address,
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    int maxConnections,
    Duration connectionWait,
    Duration statementTimeout,
    DataSize maxContent,
    int maxTitle,
    DataSize maxBody,
    String authSecret,
    String authPublicKey,
    String authJwksUrl,
    String authIssuer,
    String authAlgorithm,
    String authAudience,
    String operatorClaim,
    String operatorValue,
    String kafkaBootstrapServers,
    @Nullable Map<String, String> kafka,
    String topicPrefix,
    List<URI> shapesUrls,
    String shapesSecret,
    int txidSearches,
    Duration txidTimeout,
    long txidScan,
    Duration clockSlack,
    String managementAddress,
    int managementPort,
    Duration drain) {
  private static final Set<String> SECRET_ALGORITHMS = Set.of("HS256", "HS384", "HS512");
  private static final Set<String> PUBLIC_KEY_ALGORITHMS =
      Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

  public CommandProperties {
    require(port >= 0 && port <= 65_535, "port must be 0 to 65535");
    require(!address.isBlank(), "address must name an address to listen on");
    require(databaseUrl.startsWith("jdbc:postgresql:"), "database-url must be jdbc:postgresql://…");
    require(maxConnections >= 1, "max-connections must be at least 1");
    // Hikari's own least.
    require(connectionWait.toMillis() >= 250, "connection-wait must be at least 250ms");
    require(statementTimeout.toMillis() >= 100, "statement-timeout must be at least 100ms");
    require(maxContent.toBytes() >= 1, "max-content must be at least 1B");
    require(maxTitle >= 1, "max-title must be at least 1");
    require(
        maxBody.toBytes() > maxContent.toBytes() && maxBody.toMegabytes() <= 64,
        "max-body must be more than max-content and at most 64MB");
    require(
        Stream.of(authSecret, authPublicKey, authJwksUrl, authIssuer)
            .anyMatch(key -> !key.isBlank()),
        "auth-secret, auth-public-key, auth-jwks-url or auth-issuer must be set:"
            + " without a key no Auth Token can be verified");
    require(
        Stream.of(authSecret, authPublicKey, authJwksUrl).filter(key -> !key.isBlank()).count()
            <= 1,
        "auth-secret, auth-public-key and auth-jwks-url exclude each other");
    if (authAlgorithm.isBlank()) {
      authAlgorithm = authSecret.isBlank() ? "RS256" : "HS256";
    }
    require(
        operatorClaim.isEmpty() == operatorValue.isEmpty(),
        "operator-claim and operator-value go together");
    require(!kafkaBootstrapServers.isBlank(), "kafka-bootstrap-servers must name a broker");
    kafka = kafka == null ? Map.of() : Map.copyOf(kafka);
    shapesUrls = shapesUrls == null ? List.of() : List.copyOf(shapesUrls);
    require(
        shapesUrls.stream().allMatch(url -> String.valueOf(url.getScheme()).matches("https?")),
        "shapes-urls must be http addresses, separated by commas");
    require(txidSearches >= 1, "txid-searches must be at least 1");
    require(txidTimeout.toMillis() >= 100, "txid-timeout must be at least 100ms");
    require(txidScan >= 1, "txid-scan must be at least 1");
    require(!clockSlack.isNegative(), "clock-slack must not be negative");
    require(!managementAddress.isBlank(), "management-address must not be empty");
    var _ = Management.wanted("penstock.command", managementPort);
    require(Drain.allows(drain), "drain must be 0s to 5s");
    require(
        (authSecret.isBlank() ? PUBLIC_KEY_ALGORITHMS : SECRET_ALGORITHMS).contains(authAlgorithm),
        "auth-algorithm must be one of HS256, HS384, HS512 with a secret, else one of RS256, RS384,"
            + " RS512, PS256, PS384, PS512, ES256, ES384, ES512");
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException("penstock.command." + sentence);
    }
  }

  TracerSettings tracer() {
    Map<String, Object> clients = new HashMap<>();
    if (kafka != null) {
      clients.putAll(kafka);
    }
    clients.put("bootstrap.servers", kafkaBootstrapServers);
    return new TracerSettings(
        clients,
        new Topics(topicPrefix),
        shapesUrls,
        shapesSecret,
        txidSearches,
        txidTimeout,
        txidScan,
        clockSlack);
  }

  /// Without secrets.
  @Override
  public String toString() {
    return "CommandProperties[%s:%d, %s]".formatted(address, port, databaseUser);
  }
}
