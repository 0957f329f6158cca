package dev.penstock.replay;

import dev.penstock.contracts.Topics;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which Kafka, and which topics in it.
final class ClusterOptions {
  @Option(
      names = "--kafka",
      defaultValue = "${env:PENSTOCK_KAFKA_BOOTSTRAP_SERVERS:-localhost:19092}",
      paramLabel = "<host:port>",
      description =
          "bootstrap servers (PENSTOCK_KAFKA_BOOTSTRAP_SERVERS). Default: ${DEFAULT-VALUE}")
  private String bootstrapServers = "localhost:19092";

  @Option(
      names = "--kafka-config",
      paramLabel = "<file>",
      description = "properties of Kafka's clients, such as security.protocol")
  private @Nullable Path config;

  @Option(
      names = "--prefix",
      defaultValue = "${env:PENSTOCK_TOPIC_PREFIX:-penstock}",
      description =
          "the first part of the topics' names (PENSTOCK_TOPIC_PREFIX). Default: ${DEFAULT-VALUE}")
  private String prefix = "penstock";

  Topics topics() {
    try {
      return new Topics(prefix);
    } catch (IllegalArgumentException e) {
      throw new ReplayException("--prefix " + prefix + ": " + e.getMessage(), e);
    }
  }

  Map<String, Object> kafka() {
    Map<String, Object> kafka = new HashMap<>();
    if (config != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(config)) {
        properties.load(reader);
      } catch (IOException e) {
        throw new ReplayException("--kafka-config " + config + " cannot be read.", e);
      }
      properties.forEach((key, value) -> kafka.put(key.toString(), value));
    }
    kafka.put("bootstrap.servers", bootstrapServers);
    kafka.put("default.api.timeout.ms", 15_000);
    kafka.put("request.timeout.ms", 10_000);
    return kafka;
  }
}
