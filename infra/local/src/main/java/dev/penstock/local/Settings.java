package dev.penstock.local;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the launcher was told, by `PENSTOCK_NAME` in the environment or by `--name=value`, which
/// wins.
///
/// @param gatewayPort `PENSTOCK_GATEWAY_PORT`, 8080: the page and the API; 0 takes a free one, as
///   for every port
/// @param postgresPort `PENSTOCK_POSTGRES_PORT`, 15432
/// @param kafkaPort `PENSTOCK_KAFKA_PORT`, 19092
/// @param kafkaFlush `PENSTOCK_KAFKA_FLUSH`, false: whether Kafka flushes every record to the disk
///   before it acknowledges it, for a machine that may lose its power; slow
/// @param shapesPort `PENSTOCK_SHAPES_PORT`, 13000
/// @param commandPort `PENSTOCK_COMMAND_PORT`, 0
/// @param address `PENSTOCK_ADDRESS`, 127.0.0.1: where the gateway listens; all else stays on
///   loopback
/// @param dataDir `PENSTOCK_DATA_DIR`, `.penstock` in the working directory
/// @param electricUrl `PENSTOCK_ELECTRIC_URL`: a real Electric as shape upstream, instead of the
///   own shape-server
/// @param electricSecret `PENSTOCK_ELECTRIC_SECRET`: that Electric's secret
/// @param databaseUrl `PENSTOCK_DATABASE_URL`, `jdbc:postgresql://…`: the Postgres that Electric
///   reads, instead of an own one
/// @param otlpEndpoint `PENSTOCK_OTLP_ENDPOINT`, else `OTEL_EXPORTER_OTLP_ENDPOINT`: where spans
///   are sent by OTLP over HTTP; empty for nowhere
/// @param replicas `PENSTOCK_REPLICAS`, 1: of each service, up to 9
/// @param processes `PENSTOCK_PROCESSES`, false: whether each service is a process of its own
/// @param kafkaBootstrapServers `PENSTOCK_KAFKA_BOOTSTRAP_SERVERS`: a Kafka instead of the embedded
///   one, only beside such a Postgres
/// @param logFormat `PENSTOCK_LOG_FORMAT`, text: or json, one object a line
/// @param services settings of the services by property, such as `penstock.answers.concurrency`
///   from `PENSTOCK_ANSWERS_CONCURRENCY`, `penstock.answers.llm.model` from `PENSTOCK_LLM_MODEL`,
///   and who is an operator from `PENSTOCK_OPERATOR_CLAIM` and `_VALUE`, for command-service and
///   gateway
record Settings(
    int gatewayPort,
    int postgresPort,
    int kafkaPort,
    boolean kafkaFlush,
    int shapesPort,
    int commandPort,
    String address,
    Path dataDir,
    @Nullable String electricUrl,
    @Nullable String electricSecret,
    @Nullable String databaseUrl,
    @Nullable String kafkaBootstrapServers,
    String otlpEndpoint,
    int replicas,
    boolean processes,
    String logFormat,
    Map<String, Object> services) {
  private static final List<String> SERVICES =
      List.of("command", "bridge", "answers", "shapes", "gateway", "analytics");

  /// Meant for both services that know operators.
  private static final List<String> OPERATOR = List.of("operator-claim", "operator-value");

  Settings {
    services = Map.copyOf(services);
    if (electricUrl != null && databaseUrl == null) {
      throw new SettingException(
          "PENSTOCK_ELECTRIC_URL is set, so PENSTOCK_DATABASE_URL must name the Postgres that this Electric reads.");
    }
    if (kafkaBootstrapServers != null && databaseUrl == null) {
      throw new SettingException(
          "PENSTOCK_KAFKA_BOOTSTRAP_SERVERS is set, so PENSTOCK_DATABASE_URL must name the Postgres beside it.");
    }
    if (databaseUrl != null && !databaseUrl.startsWith("jdbc:postgresql://")) {
      throw new SettingException("PENSTOCK_DATABASE_URL must start with jdbc:postgresql://.");
    }
  }

  /// @throws SettingException for an unknown or malformed setting
  static Settings of(Map<String, String> environment, List<String> arguments) {
    Map<String, String> given = new TreeMap<>();
    environment.forEach((name, value) -> {
      if (name.startsWith("PENSTOCK_")) {
        given.put(
            name.substring("PENSTOCK_".length()).toLowerCase(Locale.ROOT).replace('_', '-'), value);
      }
    });
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (!argument.startsWith("--") || equals < 0) {
        throw new SettingException("\"" + argument + "\" is not a setting: write --name=value.");
      }
      given.put(argument.substring(2, equals), argument.substring(equals + 1));
    }
    Map<String, String> rest = new TreeMap<>(given);
    return new Settings(
        port(rest, "gateway-port", 8080),
        port(rest, "postgres-port", 15432),
        port(rest, "kafka-port", 19092),
        flag(rest, "kafka-flush"),
        port(rest, "shapes-port", 13000),
        port(rest, "command-port", 0),
        text(rest, "address", "127.0.0.1"),
        Path.of(text(rest, "data-dir", ".penstock")).toAbsolutePath().normalize(),
        optional(rest, "electric-url"),
        optional(rest, "electric-secret"),
        optional(rest, "database-url"),
        optional(rest, "kafka-bootstrap-servers"),
        text(rest, "otlp-endpoint", environment.getOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT", "")),
        replicas(rest),
        flag(rest, "processes"),
        logFormat(rest),
        services(rest));
  }

  /// What is set for one service, by property.
  Map<String, Object> service(String name) {
    Map<String, Object> properties = new LinkedHashMap<>();
    services.forEach((property, value) -> {
      if (property.startsWith("penstock." + name + ".")) {
        properties.put(property, value);
      }
    });
    return properties;
  }

  private static Map<String, Object> services(Map<String, String> rest) {
    Map<String, Object> properties = new TreeMap<>();
    for (Map.Entry<String, String> setting : rest.entrySet()) {
      String name = setting.getKey();
      String value = setting.getValue();
      if (name.startsWith("llm-")) {
        // The answer-generator's own short names, such as PENSTOCK_LLM_BASE_URL.
        properties.put("penstock.answers.llm." + name.substring("llm-".length()), value);
        continue;
      }
      if (OPERATOR.contains(name)) {
        continue;
      }
      int dash = name.indexOf('-');
      if (dash < 0 || !SERVICES.contains(name.substring(0, dash))) {
        throw new SettingException(unknown(name));
      }
      properties.put("penstock." + name.substring(0, dash) + "." + name.substring(dash + 1), value);
    }
    // What is set for one of them alone wins.
    for (String name : OPERATOR) {
      String value = rest.get(name);
      if (value != null) {
        properties.putIfAbsent("penstock.command." + name, value);
        properties.putIfAbsent("penstock.gateway." + name, value);
      }
    }
    return properties;
  }

  /// The sentence about a setting that nobody knows.
  static String unknown(String name) {
    return "There is no setting --%s (PENSTOCK_%s)."
        .formatted(name, name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private static int port(Map<String, String> rest, String name, int otherwise) {
    String value = rest.remove(name);
    if (value == null || value.isEmpty()) {
      return otherwise;
    }
    try {
      int port = Integer.parseInt(value);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new SettingException(portSentence(name, value));
    }
    throw new SettingException(portSentence(name, value));
  }

  private static int replicas(Map<String, String> rest) {
    String value = text(rest, "replicas", "1");
    if (!value.matches("[1-9]")) {
      throw new SettingException(
          "--replicas must be a number from 1 to 9, not \"%s\".".formatted(value));
    }
    return Integer.parseInt(value);
  }

  private static String logFormat(Map<String, String> rest) {
    String value = text(rest, "log-format", "text");
    if (!value.equals("text") && !value.equals("json")) {
      throw new SettingException("--log-format must be text or json, not \"%s\".".formatted(value));
    }
    return value;
  }

  private static boolean flag(Map<String, String> rest, String name) {
    return switch (text(rest, name, "false")) {
      case "true" -> true;
      case "false" -> false;
      case String other ->
          throw new SettingException(
              "--%s must be true or false, not \"%s\".".formatted(name, other));
    };
  }

  /// Kafka's own, in the words of its `server.properties`. It makes its log durable by replication
  /// on other machines, of which there are none here.
  Map<String, String> kafka() {
    return kafkaFlush ? Map.of("log.flush.interval.messages", "1") : Map.of();
  }

  private static String portSentence(String name, String value) {
    return "--%s must be a port from 0 to 65535, not \"%s\".".formatted(name, value);
  }

  private static String text(Map<String, String> rest, String name, String otherwise) {
    String value = optional(rest, name);
    return value == null ? otherwise : value;
  }

  private static @Nullable String optional(Map<String, String> rest, String name) {
    String value = rest.remove(name);
    return value == null || value.isEmpty() ? null : value;
  }
}
