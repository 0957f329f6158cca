package dev.penstock.stack;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.postgresql.PostgreSQLContainer;

/// The same stack in containers, for machines that have an engine; needs the optional
/// Testcontainers dependencies of this module. Its data goes with it.
public final class ContainerStack implements Stack {
  private static final String POSTGRES_IMAGE = "postgres:18";
  private static final String KAFKA_IMAGE = "apache/kafka:4.3.1";

  private final PostgreSQLContainer postgres;
  private final KafkaContainer kafka;

  private ContainerStack(PostgreSQLContainer postgres, KafkaContainer kafka) {
    this.postgres = postgres;
    this.kafka = kafka;
  }

  /// Starts both at the same time, from `postgres:18` and `apache/kafka:4.3.1`.
  public static ContainerStack start() {
    PostgreSQLContainer postgres = new PostgreSQLContainer(POSTGRES_IMAGE);
    postgres.setCommand(postgresCommand());
    postgres.withUsername("postgres").withDatabaseName("postgres");
    KafkaContainer kafka = new KafkaContainer(KAFKA_IMAGE).withEnv(kafkaEnvironment());
    ContainerStack stack = new ContainerStack(postgres, kafka);
    try {
      Startables.deepStart(List.of(postgres, kafka)).join();
      return stack;
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  private static String[] postgresCommand() {
    return Stream.concat(
            Stream.of("postgres"),
            PostgresSettings.LOGICAL.entrySet().stream()
                .flatMap(setting -> Stream.of("-c", setting.getKey() + "=" + setting.getValue())))
        .toArray(String[]::new);
  }

  /// The image reads `a.b` from `KAFKA_A_B`; its listeners are Testcontainers' own.
  private static Map<String, String> kafkaEnvironment() {
    Map<String, String> settings = new HashMap<>(KafkaSettings.COMMON);
    settings.putAll(KafkaSettings.TIMES);
    settings.remove("controller.listener.names");
    settings.remove("inter.broker.listener.name");
    Map<String, String> environment = new HashMap<>();
    settings.forEach((name, value) ->
        environment.put("KAFKA_" + name.replace('.', '_').toUpperCase(Locale.ROOT), value));
    return environment;
  }

  @Override
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://"
        + postgres.getHost()
        + ":"
        + postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT)
        + "/"
        + database
        + "?user="
        + postgres.getUsername()
        + "&password="
        + postgres.getPassword();
  }

  @Override
  public String bootstrapServers() {
    return kafka.getBootstrapServers();
  }

  @Override
  public void close() {
    try (postgres;
        kafka) {
      // Closed in reverse order.
      return;
    }
  }
}
