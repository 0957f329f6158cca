package dev.penstock.gateway;

import dev.penstock.bridge.BridgeApplication;
import dev.penstock.bridge.BridgeStatus;
import dev.penstock.contracts.Migrations;
import dev.penstock.shapes.ShapesApplication;
import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/// A real shape upstream over a real Postgres: the bridge and a shape-server; or, with
/// `PENSTOCK_ELECTRIC_URL` set, that Electric, its secret in `PENSTOCK_ELECTRIC_SECRET` and the
/// JDBC URL of its database in `PENSTOCK_ELECTRIC_DATABASE_URL`.
final class RealShapes implements AutoCloseable {
  private static final @Nullable String ELECTRIC = System.getenv("PENSTOCK_ELECTRIC_URL");

  final String database;
  private @Nullable ConfigurableApplicationContext bridge;
  private @Nullable ConfigurableApplicationContext server;
  private final String slot = "attacks_" + UUID.randomUUID().toString().replace("-", "");

  RealShapes() {
    String given = isElectric() ? System.getenv("PENSTOCK_ELECTRIC_DATABASE_URL") : null;
    database = given == null ? TestStack.newDatabase() : given;
    new Migrations(database, "postgres", "", "penstock", slot).migrate();
  }

  private static boolean isElectric() {
    return ELECTRIC != null && !ELECTRIC.isBlank();
  }

  /// To be called when the tables are as they are to be.
  ///
  /// @return settings of the gateway
  Map<String, Object> start() throws TimeoutException, InterruptedException {
    if (ELECTRIC != null && isElectric()) {
      String secret = System.getenv("PENSTOCK_ELECTRIC_SECRET");
      return Map.of(
          "penstock.gateway.shapes-url",
          ELECTRIC,
          "penstock.gateway.shapes-secret",
          secret == null ? "" : secret);
    }
    String prefix = TestStack.newTopicPrefix() + "a";
    ConfigurableApplicationContext leader =
        BridgeApplication.start(
            Map.of(
                "penstock.bridge.database-url", database,
                "penstock.bridge.kafka-bootstrap-servers", TestStack.bootstrapServers(),
                "penstock.bridge.topic-prefix", prefix,
                "penstock.bridge.slot", slot));
    bridge = leader;
    leader.getBean(BridgeStatus.class).awaitLeading(Duration.ofSeconds(60));
    ConfigurableApplicationContext shapes =
        ShapesApplication.start(
            Map.of(
                "penstock.shapes.port",
                0,
                "penstock.shapes.database-url",
                database,
                "penstock.shapes.kafka-bootstrap-servers",
                TestStack.bootstrapServers(),
                "penstock.shapes.topic-prefix",
                prefix,
                "penstock.shapes.secret",
                TestGateway.UPSTREAM_SECRET,
                "penstock.shapes.long-poll",
                "300ms"));
    server = shapes;
    return Map.of(
        "penstock.gateway.shapes-url",
        "http://127.0.0.1:" + shapes.getEnvironment().getRequiredProperty("local.server.port"));
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    if (bridge != null) {
      bridge.close();
    }
  }
}
