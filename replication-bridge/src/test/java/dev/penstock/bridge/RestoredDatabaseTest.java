package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.Lsn;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The database's files are those of a copy: an older state of it, or a standby that was promoted.
class RestoredDatabaseTest {

  /// System identifier and timeline are the log's, and Postgres is beyond its end.
  @Test
  void aRestoredDatabaseThatHasOvertakenTheLogOpensAGeneration(@TempDir Path directory)
      throws Exception {
    Path files = directory.resolve("pg");
    Path copy = directory.resolve("copy");
    try (PostgresServer postgres = PostgresServer.start(files, 0)) {
      postgres.createDatabase("db");
      try (TestBridge bridge =
          new TestBridge(postgres.jdbcUrl("db"), TestStack.bootstrapServers(), TestBridge.fact())) {
        bridge.startAndLead();
        try (Connection connection = bridge.connect()) {
          bridge.transactionsUntil(Sql.commit(connection, "insert into fact values (1, 'p', 'a')"));
        }
        bridge.stop();
        postgres.stop();
        copy(files.resolve("data"), copy);
        postgres.start();
        bridge.startAndLead();
        long end;
        try (Connection connection = bridge.connect()) {
          bridge.transactionsUntil(
              Sql.commit(
                  connection, "insert into fact select i, 'p', 'x' from generate_series(2, 20) i"));
          end = Lsn.parse(Sql.text(connection, "select pg_current_wal_lsn()"));
        }
        bridge.stop();
        postgres.stop();

        // When
        delete(files.resolve("data"));
        copy(copy, files.resolve("data"));
        postgres.start();
        try (Connection connection = bridge.connect()) {
          long id = 100;
          while (Lsn.parse(Sql.text(connection, "select pg_current_wal_lsn()")) <= end + 100_000) {
            Sql.commit(connection, "insert into fact values (%d, 'p', 'y')".formatted(id++));
          }
          bridge.start();

          // Then
          await()
              .atMost(TestBridge.PATIENCE)
              .until(() ->
                  bridge.bean(MeterRegistry.class).counter("penstock.bridge.generations").count()
                      > 0);
          long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
          Materialized log = Materialized.until(bridge, last, 2);
          assertThat(log.opened.getLast().origin().reason())
              .contains("the log's last transaction is");
          assertThat(log.differences(connection)).isEmpty();
        }
      }
    }
  }

  @Test
  void theLogGoesOnBehindAPromotedStandbyThatHasEverything(@TempDir Path directory)
      throws Exception {
    try (PostgresServer primary = PostgresServer.start(directory.resolve("1"), 0)) {
      primary.createDatabase("db");
      try (TestBridge bridge =
          new TestBridge(primary.jdbcUrl("db"), TestStack.bootstrapServers(), TestBridge.fact())) {
        try (Connection connection = bridge.connect()) {
          Sql.run(connection, "select pg_create_physical_replication_slot('standby', true)");
        }
        bridge.startAndLead();
        primary.stop();
        copy(primary.directory(), directory.resolve("2"));
        // As pg_basebackup does it: without slots.
        delete(directory.resolve("2/data/pg_replslot"));
        Files.createDirectory(directory.resolve("2/data/pg_replslot"));
        Files.createFile(directory.resolve("2/data/standby.signal"));
        primary.start();
        String info =
            "host=127.0.0.1 port=%d user=postgres dbname=postgres".formatted(primary.port());
        Map<String, String> settings =
            Map.of(
                "primary_conninfo", info,
                "primary_slot_name", "standby",
                "hot_standby_feedback", "on",
                "wal_receiver_status_interval", "1s",
                "sync_replication_slots", "on");
        try (PostgresServer standby = PostgresServer.start(directory.resolve("2"), 0, settings)) {
          try (Connection connection = bridge.connect();
              Connection other =
                  java.sql.DriverManager.getConnection(standby.jdbcUrl("db"), "postgres", "")) {
            bridge.transactionsUntil(
                Sql.commit(
                    connection,
                    "insert into fact select i, 'p', 'x' from generate_series(1, 50) i"));
            awaitSynced(other, bridge);
            // Of this the copy of the slot does not know that it is confirmed.
            bridge.transactionsUntil(
                Sql.commit(connection, "update fact set body = 'y' where id <= 10"));
            bridge.stop();
            // A stop in order sends everything to the standby.
            primary.stop();
            Sql.run(other, "select pg_promote()");
          }
          bridge.setting("penstock.bridge.database-url", standby.jdbcUrl("db"));
          bridge.startAndLead();

          try (Connection connection =
              java.sql.DriverManager.getConnection(standby.jdbcUrl("db"), "postgres", "")) {
            Sql.commit(connection, "delete from fact where id > 40");
            long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
            Materialized log = Materialized.until(bridge, last);
            assertThat(log.opened).hasSize(1);
            assertThat(log.snapshots).isZero();
            assertThat(log.gaps).isEmpty();
            assertThat(log.repeated).isEmpty();
            assertThat(log.differences(connection)).isEmpty();
          }
        }
      }
    }
  }

  private static void awaitSynced(Connection standby, TestBridge bridge) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(
                    Sql.text(
                        standby,
                        "select synced and not temporary from pg_replication_slots"
                            + " where slot_name = '"
                            + bridge.name
                            + "' union all select false limit 1"))
                .isEqualTo("t"));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(file -> {
        try {
          Files.copy(
              file,
              to.resolve(from.relativize(file)),
              java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
