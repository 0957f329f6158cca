package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Migrations;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The slot or the database itself is lost, and the log and the keyed topics are not.
class LostDatabaseTest {

  @Test
  void aSlotThatPostgresInvalidatedOpensAGenerationWhileTheBridgeRuns(@TempDir Path directory)
      throws Exception {
    Map<String, String> settings =
        Map.of("max_slot_wal_keep_size", "1MB", "min_wal_size", "32MB", "max_wal_size", "32MB");
    try (PostgresServer postgres = PostgresServer.start(directory, 0, settings)) {
      postgres.createDatabase("lost");
      try (TestBridge bridge =
              new TestBridge(
                  postgres.jdbcUrl("lost"), TestStack.bootstrapServers(), TestBridge.fact());
          Connection connection = bridge.connect()) {
        bridge.startAndLead();
        bridge.transactionsUntil(Sql.commit(connection, "insert into fact values (1, 'p', 'a')"));
        bridge.stop();
        Sql.commit(connection, "update fact set body = 'b' where id = 1");
        for (int i = 0; i < 4; i++) {
          Sql.run(connection, "select pg_switch_wal()");
          Sql.run(connection, "create table aside_" + i + " as select generate_series(1, 100)");
        }
        Sql.run(connection, "checkpoint");
        assertThat(
                Sql.text(
                    connection,
                    "select wal_status from pg_replication_slots where slot_name = '"
                        + bridge.name
                        + "'"))
            .isEqualTo("lost");

        bridge.startAndLead();

        long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
        Materialized log = Materialized.until(bridge, last);
        assertThat(log.opened.getLast().origin().reason())
            .contains("slot was lost: invalidated: wal_removed");
        assertThat(log.differences(connection)).isEmpty();
        assertThat(KeyedState.ofFact(bridge, connection).wrong).isEmpty();
      }
    }
  }

  @Test
  void anotherClusterBehindTheSameAddressReplacesEverything(@TempDir Path directory)
      throws Exception {
    try (PostgresServer first = PostgresServer.start(directory.resolve("1"), 0, Map.of())) {
      first.createDatabase("db");
      try (TestBridge bridge =
          new TestBridge(first.jdbcUrl("db"), TestStack.bootstrapServers(), TestBridge.fact())) {
        bridge.startAndLead();
        try (Connection connection = bridge.connect()) {
          Sql.commit(
              connection, "insert into fact select i, 'p', 'x' from generate_series(1, 50) i");
          KeyedState.ofFact(bridge, connection);
        }
        bridge.stop();
        first.stop();
        try (PostgresServer second =
            PostgresServer.start(directory.resolve("2"), first.port(), Map.of())) {
          second.createDatabase("db");
          new Migrations(bridge.url, "postgres", "", bridge.name, bridge.name).migrate();
          try (Connection connection = bridge.connect()) {
            for (String sql : TestBridge.fact()) {
              Sql.run(connection, sql);
            }
            Sql.commit(
                connection, "insert into fact select i, 'p', 'x' from generate_series(26, 60) i");

            bridge.startAndLead();

            long last = Sql.commit(connection, "update fact set body = 'y' where id = 26");
            Materialized log = Materialized.until(bridge, last);
            assertThat(log.opened.getLast().origin().reason()).contains("another Postgres cluster");
            assertThat(log.repeated).isEmpty();
            assertThat(log.differences(connection)).isEmpty();
            KeyedState keyed = KeyedState.ofFact(bridge, connection);
            assertThat(keyed.wrong).isEmpty();
            assertThat(keyed.ops).filteredOn(op -> op.startsWith("d ")).hasSize(25);
            assertThat(keyed.ops).filteredOn(op -> op.startsWith("r ")).hasSize(10);
          }
        }
      }
    }
  }

  @Test
  void anOpenTransactionThatASnapshotWaitsForIsSeenAndTheWaitEnds(@TempDir Path directory)
      throws Exception {
    try (PostgresServer postgres = PostgresServer.start(directory, 0)) {
      postgres.createDatabase("db");
      try (TestBridge bridge =
              new TestBridge(
                  postgres.jdbcUrl("db"), TestStack.bootstrapServers(), TestBridge.fact());
          Connection connection = bridge.connect();
          Connection open = bridge.connect()) {
        // The slot stays, so the snapshot is that of a temporary one.
        GenerationTest.recreateSlot(connection, bridge, "insert into fact values (1, 'p', 'a')");
        Sql.open(open, "create table aside (id int)");
        bridge.setting("penstock.bridge.snapshot-patience", "2s");

        bridge.start();

        BridgeStatus status = bridge.bean(BridgeStatus.class);
        await()
            .atMost(TestBridge.PATIENCE)
            .untilAsserted(() ->
                assertThat(status.state())
                    .isInstanceOfSatisfying(
                        BridgeStatus.Failing.class,
                        failing -> assertThat(failing.reason()).contains("did not end within")));
        assertThat(
                bridge.bean(MeterRegistry.class).counter("penstock.bridge.snapshot.waits").count())
            .isPositive();
        // Nor does a walsender stay for each attempt.
        await()
            .atMost(TestBridge.PATIENCE)
            .pollInterval(Duration.ofMillis(20))
            .untilAsserted(() -> assertThat(snapshotSlots(connection)).isEqualTo("0"));
        open.commit();
        status.awaitLeading(Duration.ofSeconds(30));
        Materialized log =
            Materialized.until(
                bridge, Sql.commit(connection, "insert into fact values (2, 'p', 'b')"));
        assertThat(log.differences(connection)).isEmpty();
        assertThat(snapshotSlots(connection)).isEqualTo("0");
      }
    }
  }

  private static String snapshotSlots(Connection connection) throws Exception {
    return Sql.text(
        connection, "select count(*) from pg_replication_slots where slot_name ~ 'snapshot'");
  }
}
