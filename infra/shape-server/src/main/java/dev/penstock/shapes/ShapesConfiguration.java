package dev.penstock.shapes;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.trace.Spans;
import dev.penstock.management.Drain;
import dev.penstock.management.Management;
import dev.penstock.management.Part;
import dev.penstock.management.Parts;
import dev.penstock.shapes.http.ProtocolSettings;
import dev.penstock.shapes.http.ShapeHttpServer;
import dev.penstock.shapes.log.ShapeLog;
import dev.penstock.shapes.log.Tail;
import dev.penstock.shapes.log.TailSettings;
import dev.penstock.shapes.shape.HandleCodec;
import dev.penstock.shapes.snapshot.Catalog;
import dev.penstock.shapes.snapshot.Snapshots;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ShapesProperties.class)
class ShapesConfiguration {
  /// The settings under which Postgres' text is the log's text.
  private static final String SESSION =
      "set bytea_output = 'hex'; set datestyle = 'ISO, DMY'; set timezone = 'UTC';"
          + " set extra_float_digits = 1; set intervalstyle = 'iso_8601';"
          + " set search_path = pg_catalog; set lock_timeout = '5s';"
          + " set idle_in_transaction_session_timeout = '60s'";

  private static final int WAITING_SNAPSHOTS = 5_000;

  @Bean
  PrometheusMeterRegistry meterRegistry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  @Bean(destroyMethod = "close")
  HikariDataSource snapshotConnections(ShapesProperties properties) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("shapes-snapshots");
    config.setJdbcUrl(properties.databaseUrl());
    config.setUsername(properties.databaseUser());
    config.setPassword(properties.databasePassword());
    config.setMaximumPoolSize(properties.databaseConnections());
    config.setMinimumIdle(1);
    config.setAutoCommit(false);
    config.setReadOnly(true);
    config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
    config.setConnectionInitSql(SESSION);
    // Else the settings would be rolled back with the connection's first transaction.
    config.setIsolateInternalQueries(true);
    config.setConnectionTimeout(10_000);
    config.setInitializationFailTimeout(-1);
    // Text as Postgres prints it, never a driver's rendering of a binary value.
    config.addDataSourceProperty("binaryTransfer", "false");
    config.addDataSourceProperty("ApplicationName", "penstock-shapes");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    return new HikariDataSource(config);
  }

  @Bean(destroyMethod = "dispose")
  Scheduler snapshotThreads(ShapesProperties properties) {
    return Schedulers.newBoundedElastic(
        properties.databaseConnections(), WAITING_SNAPSHOTS, "shapes-snapshot", 30, true);
  }

  /// Connections that may write, only where tables may be discovered.
  @Bean(destroyMethod = "close")
  @ConditionalOnProperty("penstock.shapes.lazy-discovery")
  JoiningTables joiningTables(ShapesProperties properties) {
    return new JoiningTables(properties);
  }

  @Bean
  Catalog catalog(
      HikariDataSource snapshotConnections,
      ShapesProperties properties,
      Scheduler snapshotThreads,
      Optional<JoiningTables> joiningTables) {
    return new Catalog(
        snapshotConnections,
        properties.publication(),
        snapshotThreads,
        joiningTables.map(JoiningTables::discovery).orElse(null));
  }

  @Bean(destroyMethod = "close")
  Snapshots snapshots(
      HikariDataSource dataSource,
      Catalog catalog,
      ShapesProperties properties,
      Scheduler snapshotThreads) {
    return new Snapshots(dataSource, catalog, properties.patience(), snapshotThreads);
  }

  @Bean(destroyMethod = "close")
  Spans spans(@Value("${penstock.otlp-endpoint}") String endpoint) {
    return Spans.of("shape-server", endpoint);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Tail tail(ShapesProperties properties, Spans spans) {
    return new Tail(
        new TailSettings(
            properties.kafkaClients(),
            new Topics(properties.topicPrefix()).log(),
            properties.replayBytes(),
            properties.windowBytes(),
            properties.feedBytes(),
            properties.allFeedsBytes(),
            properties.catchUpBytes(),
            properties.catchUpReaders(),
            properties.catchUpBytesPerSecond(),
            properties.maxLag(),
            spans));
  }

  @Bean(destroyMethod = "close")
  ShapeLog shapeLog(Tail tail) {
    return new ShapeLog(tail);
  }

  @Bean
  Drain drain(ShapesProperties properties) {
    return new Drain(properties.drain());
  }

  /// Before anything is stopped.
  @Bean
  ApplicationListener<ContextClosedEvent> drainFirst(Drain drain) {
    return _ -> drain.run();
  }

  @Bean(destroyMethod = "close")
  ShapeHttpServer shapeHttpServer(
      ShapesProperties properties,
      Tail tail,
      ShapeLog shapeLog,
      Catalog catalog,
      Snapshots snapshots,
      MeterRegistry meters,
      Drain drain,
      ConfigurableEnvironment environment) {
    meters.gauge("penstock.shapes.log.lag", tail, Tail::lag);
    meters.gauge("penstock.shapes.log.lag.seconds", tail, Tail::lagSeconds);
    meters.gauge("penstock.shapes.behind", shapeLog, ShapeLog::behind);
    meters.gauge("penstock.shapes.catchups", shapeLog, ShapeLog::catchUps);
    meters.gauge("penstock.shapes.log.window.bytes", tail, Tail::windowBytes);
    meters.gauge("penstock.shapes.feeds", tail, Tail::feeds);
    meters.gauge("penstock.shapes.waiting", tail, Tail::waiting);
    meters.gauge("penstock.shapes.snapshots.open", snapshots, Snapshots::open);
    tail.canary().export(meters, "shape-server");
    ShapeHttpServer server =
        new ShapeHttpServer(
            properties.address(),
            properties.port(),
            protocol(properties),
            tail,
            shapeLog,
            catalog,
            snapshots,
            new HandleCodec(properties.signingSecret()),
            drain,
            meters);
    // Under the name that Boot's own servers use, for launchers and tests.
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("shapes.port", Map.of("local.server.port", server.port())));
    return server;
  }

  /// Closed first, as what depends on others is: who stops is not asked any more.
  @Bean(destroyMethod = "close")
  @ConditionalOnExpression("${penstock.shapes.management-port} != -1")
  Management shapesManagement(
      ShapesProperties properties,
      Tail tail,
      PrometheusMeterRegistry meters,
      Drain drain,
      ShapeHttpServer shapeHttpServer) {
    Parts parts =
        new Parts(
            List.of(
                drain.part(),
                Part.needed(
                    "log",
                    tail::isActive,
                    () ->
                        Map.of(
                            "lagSeconds",
                            Math.round(tail.lagSeconds()),
                            "lagRecords",
                            tail.lag(),
                            "fault",
                            tail.fault().orElse("")))));
    return Management.start(
        "penstock.shapes",
        properties.managementAddress(),
        properties.managementPort(),
        parts,
        meters);
  }

  private static ProtocolSettings protocol(ShapesProperties properties) {
    return new ProtocolSettings(
        properties.secret().isEmpty() ? null : properties.secret(),
        properties.longPoll(),
        properties.sseDuration(),
        properties.sseKeepAlive(),
        properties.chunkBytes(),
        properties.patience(),
        properties.maxAge(),
        properties.staleAge(),
        properties.initialRequests(),
        properties.existingRequests(),
        properties.allowDelete(),
        properties.writeTimeout());
  }
}
