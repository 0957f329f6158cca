package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.Lsn;
import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TcpProxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the bridge's surroundings do to it under load: it recovers by itself, and readers see
/// nothing of it. The times are printed.
class SurroundingsTest {
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  @TempDir static Path directory;

  private static PostgresServer postgres;
  private static TcpProxy network;
  private static ChildKafkaBroker broker;

  @BeforeAll
  static void start() {
    postgres = PostgresServer.start(directory.resolve("pg"), 0, Map.of());
    network = TcpProxy.open();
    // All clients are sent through the proxy.
    broker =
        KafkaBroker.startChild(
            directory.resolve("kafka"),
            0,
            0,
            Map.of("advertised.listeners", "PLAINTEXT://127.0.0.1:" + network.port()));
    network.target(broker.port());
  }

  @AfterAll
  static void stop() {
    broker.close();
    network.close();
    postgres.close();
  }

  @Test
  void whatTheLogDoesNotHavePostgresKeeps() throws Exception {
    try (TestBridge bridge = bridge("kept");
        Connection connection = bridge.connect()) {
      Oracle oracle = new Oracle(connection, "o" + bridge.name);
      bridge.startAndLead();
      try (LiveLog log = new LiveLog(bridge)) {
        long before = Sql.commit(connection, "insert into fact values (1, 'p', 'a')");
        awaitRelease("the first", log, before);

        // When
        network.blackHole();
        long txid = Sql.commit(connection, "insert into fact values (2, 'p', 'b')");
        long end = Lsn.parse(Sql.text(connection, "select pg_current_wal_lsn()"));

        // Then: for longer than pings and confirmations need
        await()
            .during(Duration.ofSeconds(4))
            .atMost(Duration.ofSeconds(6))
            .untilAsserted(() -> assertThat(confirmed(connection, bridge)).isLessThan(end));
        assertThat(log.releasedAt(txid)).isEqualTo(-1);
        network.heal();
        awaitRelease("a black hole of 4 s before Kafka", log, txid);
        await()
            .atMost(RECOVERY)
            .untilAsserted(
                () -> assertThat(confirmed(connection, bridge)).isGreaterThanOrEqualTo(end));
        verify(oracle, bridge, log);
      } finally {
        network.heal();
        Sql.run(connection, "select pg_drop_replication_slot('o" + bridge.name + "')");
      }
    }
  }

  @Test
  void itRecoversFromRestartsAndCuts() throws Exception {
    try (TestBridge bridge = bridge("restarts");
        Connection connection = bridge.connect()) {
      Oracle oracle = new Oracle(connection, "o" + bridge.name);
      bridge.startAndLead();
      try (LiveLog log = new LiveLog(bridge);
          StormLoad load = new StormLoad(bridge, 7, 50)) {
        await().atMost(RECOVERY).until(() -> log.count() > 50);
        Sql.run(
            connection,
            "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                + bridge.name
                + "'");
        awaitRelease("the walsender ended", log, marker(bridge));

        network.cut();
        awaitGrowth(load);
        network.heal();
        awaitRelease("the network to Kafka cut", log, marker(bridge));

        broker.stop();
        broker.start();
        awaitRelease("a restart of the broker", log, marker(bridge));

        postgres.stop();
        postgres.start();
        awaitRelease("a restart of Postgres", log, marker(bridge));

        assertThat(bridge.bean(BridgeStatus.class).state())
            .isInstanceOf(BridgeStatus.Leading.class);
        load.finish();
        verify(oracle, bridge, log);
      }
    }
  }

  private static TestBridge bridge(String database) throws Exception {
    postgres.createDatabase(database);
    return new TestBridge(
        postgres.jdbcUrl(database), broker.bootstrapServers(), TestBridge.storm());
  }

  private static long marker(TestBridge bridge) throws Exception {
    try (Connection connection = bridge.connect()) {
      return Sql.commit(
          connection, "insert into fact values (" + System.nanoTime() + ", 'p', 'marker')");
    }
  }

  private static void awaitRelease(String what, LiveLog log, long txid) {
    long began = System.nanoTime();
    await()
        .atMost(RECOVERY)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> log.releasedAt(txid) > 0);
    System.out.printf(
        "SurroundingsTest: %s: %d ms%n",
        what, Math.max(0, (log.releasedAt(txid) - began) / 1_000_000));
  }

  private static void awaitGrowth(StormLoad load) {
    long before = load.committed();
    await().atMost(RECOVERY).until(() -> load.committed() > before + 30);
  }

  private static void verify(Oracle oracle, TestBridge bridge, LiveLog log) throws Exception {
    // Postgres was restarted perhaps, and the connection of before with it.
    try (Connection connection = bridge.connect()) {
      long last = Sql.commit(connection, "insert into fact values (0, 'p', 'last')");
      await().atMost(RECOVERY).until(() -> log.releasedAt(last) > 0);
      List<Oracle.Committed> expected = oracle.committed(connection);
      List<Oracle.Committed> seen = log.released();
      assertThat(seen.subList(seen.size() - expected.size(), seen.size()))
          .containsExactlyElementsOf(expected);
      assertThat(log.gaps()).isEmpty();
    }
  }

  private static long confirmed(Connection connection, TestBridge bridge) throws Exception {
    return Lsn.parse(
        Sql.text(
            connection,
            "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
                + bridge.name
                + "'"));
  }
}
