package dev.penstock.bridge;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.jspecify.annotations.Nullable;

/// Debezium's own connector and JSON converter, on a slot of its own in a bridge's database.
final class StockDebezium implements AutoCloseable {
  private static final String SLOT = "stock";

  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final DebeziumEngine<ChangeEvent<String, String>> engine;

  /// A record as it would be in Kafka.
  record Event(String topic, @Nullable String key, @Nullable String value) {}

  StockDebezium(TestBridge bridge) throws SQLException, InterruptedException {
    try (Connection connection = bridge.connect()) {
      // Its own session takes what it finds: it could not read the bytes of others, and would
      // round.
      for (String setting : List.of("bytea_output = 'hex'", "extra_float_digits = 1")) {
        Sql.run(
            connection,
            "do $$ begin execute format('alter database %I set "
                + setting.replace("'", "''")
                + "', current_database()); end $$");
      }
      Sql.run(connection, "select pg_create_logical_replication_slot('stock', 'pgoutput')");
    }
    CountDownLatch streaming = new CountDownLatch(1);
    engine =
        DebeziumEngine.create(Json.class)
            .using(properties(bridge))
            .using(
                new DebeziumEngine.ConnectorCallback() {
                  @Override
                  public void pollingStarted() {
                    streaming.countDown();
                  }
                })
            .notifying(
                event -> events.add(new Event(event.destination(), event.key(), event.value())))
            .build();
    Thread.ofPlatform().daemon().name("stock-debezium").start(engine);
    if (!streaming.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("Debezium does not poll");
    }
  }

  List<Event> events() {
    return events;
  }

  private static Properties properties(TestBridge bridge) {
    Properties parts = new Database(bridge.url, "postgres", "").parts();
    Properties engine = new Properties();
    engine.put("name", "stock");
    engine.put("connector.class", PostgresConnector.class.getName());
    engine.put("offset.storage", MemoryOffsetBackingStore.class.getName());
    engine.put("topic.prefix", bridge.topics.prefix());
    engine.put("plugin.name", "pgoutput");
    engine.put("slot.name", SLOT);
    engine.put("publication.name", bridge.name);
    engine.put("publication.autocreate.mode", "disabled");
    engine.put("snapshot.mode", "no_data");
    engine.put("poll.interval.ms", "20");
    // What design.md declares, and what Debezium leaves out unless asked.
    engine.put("key.converter.schemas.enable", "false");
    engine.put("value.converter.schemas.enable", "false");
    engine.put("decimal.handling.mode", "string");
    engine.put("tombstones.on.delete", "true");
    engine.put("skipped.operations", "none");
    // A value that it cannot take ends the engine otherwise.
    engine.put("event.processing.failure.handling.mode", "skip");
    engine.put("include.unknown.datatypes", "true");
    engine.put("database.hostname", parts.getProperty("PGHOST"));
    engine.put("database.port", parts.getProperty("PGPORT"));
    engine.put("database.dbname", parts.getProperty("PGDBNAME"));
    engine.put("database.user", "postgres");
    engine.put("database.password", "none");
    return engine;
  }

  @Override
  public void close() throws IOException {
    engine.close();
  }
}
