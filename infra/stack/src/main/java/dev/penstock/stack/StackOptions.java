package dev.penstock.stack;

import java.nio.file.Path;
import java.util.Map;

/// How an [EmbeddedStack] starts.
///
/// @param dataDirectory created where needed; holds `postgres` and `kafka`
/// @param postgresPort 0: a free one, as for the others
/// @param postgresSettings as in `postgresql.conf`
/// @param kafkaSettings as in `server.properties`
public record StackOptions(
    Path dataDirectory,
    int postgresPort,
    int kafkaPort,
    int kafkaControllerPort,
    Map<String, String> postgresSettings,
    Map<String, String> kafkaSettings) {

  public StackOptions {
    postgresSettings = Map.copyOf(postgresSettings);
    kafkaSettings = Map.copyOf(kafkaSettings);
  }

  /// On free ports, without settings.
  public static StackOptions in(Path dataDirectory) {
    return new StackOptions(dataDirectory, 0, 0, 0, Map.of(), Map.of());
  }

  public StackOptions withPorts(int postgres, int kafka, int kafkaController) {
    return new StackOptions(
        dataDirectory, postgres, kafka, kafkaController, postgresSettings, kafkaSettings);
  }

  public StackOptions withKafka(Map<String, String> settings) {
    return new StackOptions(
        dataDirectory, postgresPort, kafkaPort, kafkaControllerPort, postgresSettings, settings);
  }
}
