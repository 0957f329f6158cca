package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the slot makes Postgres retain.
///
/// `-Dpenstock.wal=long` writes 600 MiB instead of 160.
class WalGuardTest {
  private static final int MEBIBYTES =
      "long".equals(System.getProperty("penstock.wal")) ? 600 : 160;
  private static final int PER_SECOND = 8;
  private static final long LIMIT = 64L << 20;

  @Test
  void littleWalIsRetainedWhileSyncedTablesAreIdleAndOthersBusy(@TempDir Path directory)
      throws Exception {
    try (PostgresServer postgres =
        PostgresServer.start(directory, 0, Map.of("full_page_writes", "off"))) {
      postgres.createDatabase("synced");
      postgres.createDatabase("busy");
      try (TestBridge bridge =
              new TestBridge(
                  postgres.jdbcUrl("synced"), TestStack.bootstrapServers(), TestBridge.fact());
          Connection synced = bridge.connect();
          Connection other = DriverManager.getConnection(postgres.jdbcUrl("busy"))) {
        bridge.startAndLead();
        Sql.run(synced, "create table aside (body text)");
        Sql.run(other, "create table aside (body text)");
        long most = 0;
        long start = System.nanoTime();
        for (int written = 0; written < MEBIBYTES; written++) {
          // Half in the bridge's own database, half in another of the cluster.
          Sql.run(
              written % 2 == 0 ? synced : other,
              "insert into aside select repeat('x', 1000) from generate_series(1, 1000)");
          most = Math.max(most, retained(synced, bridge));
          long due = start + TimeUnit.SECONDS.toNanos(written + 1) / PER_SECOND;
          TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
        }
        System.out.printf(
            "WalGuardTest: at most %.1f MiB retained while %d MiB were written in %.1f s%n",
            most / 1048576.0, MEBIBYTES, (System.nanoTime() - start) / 1e9);
        assertThat(most).isLessThan(LIMIT);
        await()
            .atMost(TestBridge.PATIENCE)
            .untilAsserted(
                () -> assertThat(gauge(bridge, "wal.retained")).isLessThan((double) LIMIT));
      }
    }
  }

  @Test
  void anOldTransactionAndRetainedWalRaiseAnAlarm() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection open = bridge.connect();
        Connection connection = bridge.connect()) {
      Map<String, Object> properties = bridge.properties();
      properties.put("penstock.bridge.transaction-age-alarm", "2s");
      properties.put("penstock.bridge.wal-retained-alarm", "1MB");
      properties.put("penstock.bridge.wal-check-interval", "200ms");
      properties.put("penstock.bridge.management-port", 0);
      try (var context = BridgeApplication.start(properties)) {
        context.getBean(BridgeStatus.class).awaitLeading(TestBridge.PATIENCE);
        MeterRegistry meters = context.getBean(MeterRegistry.class);
        Health health =
            new Health(
                context.getBean(BridgeStatus.class),
                context.getBean(WalGuard.class),
                Optional::empty);

        Sql.open(open, "insert into fact values (1, 'p', 'open')");
        await()
            .atMost(TestBridge.PATIENCE)
            .untilAsserted(
                () -> assertThat(health.whole().body().toString()).contains("open for PT2S"));
        Sql.run(connection, "create table aside (body text)");
        Sql.run(
            connection, "insert into aside select repeat('x', 1000) from generate_series(1, 2000)");
        await()
            .atMost(TestBridge.PATIENCE)
            .untilAsserted(
                () -> assertThat(health.whole().body().toString()).contains("of WAL for the slot"));
        assertThat(meters.get("penstock.bridge.wal.alarm").gauge().value()).isEqualTo(1);
        // An alarm makes nobody unready.
        assertThat(health.readiness().up()).isTrue();

        open.rollback();
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() ->
                assertThat(meters.get("penstock.bridge.wal.transaction.age").gauge().value())
                    .isLessThan(2));
      }
    }
  }

  private static double gauge(TestBridge bridge, String name) {
    return bridge.bean(MeterRegistry.class).get("penstock.bridge." + name).gauge().value();
  }

  private static long retained(Connection connection, TestBridge bridge) throws Exception {
    return Long.parseLong(
        Sql.text(
            connection,
            "select pg_current_wal_lsn() - restart_lsn from pg_replication_slots"
                + " where slot_name = '"
                + bridge.name
                + "'"));
  }
}
