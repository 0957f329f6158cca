package dev.penstock.bridge;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Debezium's engine for one term: it owns the connection, the slot's use and the stop.
final class Engine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Engine.class);
  private static final Duration STARTING = Duration.ofSeconds(15);

  private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
  private final CountDownLatch started = new CountDownLatch(1);

  /// @param failed called once, with the reason, when the engine ends without having been closed
  Engine(String term, Seams.Seam seam, Consumer<Throwable> failed) {
    engine =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(properties(term, seam))
            .using(
                new DebeziumEngine.ConnectorCallback() {
                  @Override
                  public void taskStarted() {
                    started.countDown();
                  }
                })
            .using((_, message, error) ->
                failed.accept(error == null ? new IllegalStateException(message) : error))
            .notifying((_, _) -> {})
            .build();
  }

  /// Loads what a start needs.
  static void warmUp() {
    for (String name :
        List.of(
            "io.debezium.embedded.async.AsyncEmbeddedEngine",
            "io.debezium.embedded.async.ConvertingAsyncEngineBuilderFactory",
            "io.debezium.connector.postgresql.PostgresConnectorConfig",
            "io.debezium.connector.postgresql.PostgresSchema",
            "io.debezium.connector.postgresql.PostgresStreamingChangeEventSource",
            "io.debezium.connector.postgresql.connection.PostgresReplicationConnection",
            "io.debezium.connector.postgresql.connection.PostgresConnection",
            "io.debezium.pipeline.ChangeEventSourceCoordinator",
            LogConnector.class.getName(),
            LogConnectorTask.class.getName(),
            LogReplicationStream.class.getName())) {
      try {
        Class.forName(name);
      } catch (ClassNotFoundException e) {
        log.atDebug().log("Debezium no longer has {}", name);
      }
    }
  }

  void start() {
    Thread.ofPlatform()
        .daemon()
        .name("penstock-bridge-engine")
        .start(() -> {
          try {
            engine.run();
          } finally {
            started.countDown();
          }
        });
  }

  /// Stops reading, and waits for it. The engine cannot be stopped while it starts; an interrupt
  /// shortens the wait for that and does not keep the engine running.
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try {
      if (!started.await(interrupted ? 0 : STARTING.toMillis(), TimeUnit.MILLISECONDS)) {
        log.atWarn().log("the engine did not start in time to be stopped");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    try {
      engine.close();
    } catch (IllegalStateException e) {
      log.atDebug().setCause(e).log("the engine has stopped already");
    } catch (IOException e) {
      log.atWarn().setCause(e).log("the engine did not stop in order");
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Properties properties(String term, Seams.Seam seam) {
    Properties parts = seam.database().parts();
    Properties engine = new Properties();
    engine.put("name", "penstock-" + seam.slot());
    engine.put("topic.prefix", "penstock");
    engine.put(Seams.TERM, term);
    engine.put("connector.class", LogConnector.class.getName());
    engine.put("offset.storage", LogOffsetStore.class.getName());
    engine.put("plugin.name", "pgoutput");
    engine.put("slot.name", seam.slot());
    engine.put("publication.name", seam.publication());
    engine.put("publication.autocreate.mode", "disabled");
    engine.put("snapshot.mode", "no_data");
    engine.put("lsn.flush.mode", "manual");
    // Debezium is to load the schema of no table: the log has the relations.
    engine.put("schema.include.list", "penstock_loads_no_schema");
    engine.put("slot.max.retries", "10");
    engine.put("slot.retry.delay.ms", "200");
    // A term that fails is over; the next one begins with the lead.
    engine.put("errors.max.retries", "0");
    engine.put("executor.shutdown.timeout.ms", "1500");
    for (String key : parts.stringPropertyNames()) {
      String value = parts.getProperty(key);
      switch (key) {
        case "PGHOST" -> engine.put("database.hostname", value);
        case "PGPORT" -> engine.put("database.port", value);
        case "PGDBNAME" -> engine.put("database.dbname", value);
        case "user" -> engine.put("database.user", value);
        case "password" -> engine.put("database.password", value);
        default -> engine.put("driver." + key, value);
      }
    }
    return engine;
  }
}
