package dev.penstock.stack;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.postgresql.PostgreSQLContainer;

/// The same stack in containers, for machines that have an engine; needs the optional
/// Testcontainers dependencies of this module. Its data goes with it.
public final class ContainerStack implements Stack {
  private static final String POSTGRES_IMAGE = "postgres:18";
  private static final String KAFKA_IMAGE = "apache/kafka:4.3.1";
  private static final String ELECTRIC_IMAGE = "electricsql/electric:1.7.12";
  private static final int ELECTRIC_PORT = 3000;

  private final PostgreSQLContainer postgres;
  private final KafkaContainer kafka;
  private @Nullable GenericContainer<?> electric;

  private ContainerStack(PostgreSQLContainer postgres, KafkaContainer kafka) {
    this.postgres = postgres;
    this.kafka = kafka;
  }

  /// Starts both at the same time, from `postgres:18` and `apache/kafka:4.3.1`.
  public static ContainerStack start() {
    PostgreSQLContainer postgres = new PostgreSQLContainer(POSTGRES_IMAGE);
    postgres.setCommand(postgresCommand());
    postgres.withNetwork(Network.SHARED).withNetworkAliases("postgres");
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

  /// Starts a real Electric, from `electricsql/electric:1.7.12`, that reads the database; once.
  ///
  /// @return its address, without `/v1/shape`
  public String startElectric(String database, String secret) {
    GenericContainer<?> container = new GenericContainer<>(ELECTRIC_IMAGE);
    electric = container;
    container
        .withNetwork(Network.SHARED)
        .withExposedPorts(ELECTRIC_PORT)
        .withEnv(
            "DATABASE_URL",
            "postgresql://%s:%s@postgres:5432/%s?sslmode=disable"
                .formatted(postgres.getUsername(), postgres.getPassword(), database))
        .withEnv("ELECTRIC_SECRET", secret)
        .waitingFor(Wait.forHttp("/v1/health").forStatusCode(200))
        .start();
    return "http://" + container.getHost() + ":" + container.getMappedPort(ELECTRIC_PORT);
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
        kafka;
        var _ = electric) {
      // Closed in reverse order.
      return;
    }
  }
}
