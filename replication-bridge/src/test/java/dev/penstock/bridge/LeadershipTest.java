package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.TcpProxy;
import dev.penstock.stack.TestStack;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Takes the lead away from its holder in every way there is, while writes go on: another one takes
/// over in time, and readers see nothing of it.
///
/// `-Dpenstock.strict=true` holds the guaranteed times themselves; else a machine may take longer
/// by as much as it is busy. The times are printed.
class LeadershipTest {
  private static final Duration KILLED = Duration.ofSeconds(5);
  private static final Duration STOPPED = Duration.ofSeconds(2);
  private static final Duration FROZEN = Duration.ofSeconds(10);
  private static final Duration START = Duration.ofSeconds(60);

  @TempDir Path directory;

  private TestBridge bridge;
  private Connection connection;
  private Oracle oracle;
  private LiveLog log;
  private TcpProxy lead;
  private ChildBridge first;
  private ChildBridge second;

  /// The first leads, its connections to Postgres through a proxy; the second stands by.
  @BeforeEach
  void twoBridges() throws Exception {
    bridge = TestBridge.onSharedStack(TestBridge.storm());
    connection = bridge.connect();
    oracle = new Oracle(connection, "o" + bridge.name);
    lead = TcpProxy.to(TestStack.postgres().port());
    Map<String, Object> proxied = bridge.properties();
    proxied.put(
        "penstock.bridge.database-url",
        bridge.url.replace(":" + TestStack.postgres().port() + "/", ":" + lead.port() + "/"));
    first = ChildBridge.start(proxied, "first", directory);
    awaitState(first, "leading");
    second = ChildBridge.start(bridge, "second", directory);
    awaitState(second, "standby");
    log = new LiveLog(bridge);
  }

  @AfterEach
  void stop() throws Exception {
    first.close();
    second.close();
    lead.close();
    log.close();
    Sql.run(connection, "select pg_drop_replication_slot('o" + bridge.name + "')");
    connection.close();
    bridge.close();
  }

  @Test
  void aKilledLeaderIsReplaced() throws Exception {
    // A rolling deployment goes on once the new one stands by.
    assertThat(second.status("/actuator/health/readiness")).isEqualTo(200);
    try (StormLoad _ = new StormLoad(bridge, 1, 50)) {
      takesOver("SIGKILL", KILLED, first::kill);
    }
    requireNothingSeen();
  }

  @Test
  void aStoppedLeaderHandsOver() throws Exception {
    try (StormLoad _ = new StormLoad(bridge, 2, 50)) {
      takesOver("SIGTERM", STOPPED, () -> first.jvm().terminate());
      assertThat(first.jvm().awaitExit(Duration.ofSeconds(10L * patience()))).isPresent();
    }
    requireNothingSeen();
  }

  @Test
  void aFrozenLeaderIsReplacedAndDoesNoHarmWhenItWakes() throws Exception {
    try (StormLoad load = new StormLoad(bridge, 3, 50)) {
      takesOver("SIGSTOP", FROZEN, () -> first.jvm().freeze());

      // What is in its sockets still reaches the log, and may cost the second its term.
      long woken = System.nanoTime();
      first.jvm().thaw();
      long before = load.committed();
      await().atMost(START).until(() -> load.committed() > before + 100);
      await()
          .atMost(START)
          .untilAsserted(() ->
              assertThat(List.of(first.state(), second.state()))
                  .containsExactlyInAnyOrder("leading", "standby"));
      System.out.printf(
          "LeadershipTest: %d ms behind SIGCONT there is one leader and one standby, %d claims%n",
          (System.nanoTime() - woken) / 1_000_000, log.claims());
    }
    requireNothingSeen();
  }

  @Test
  void whoLosesTheSessionOfTheLeadLosesTheLead() throws Exception {
    try (StormLoad _ = new StormLoad(bridge, 4, 50)) {
      takesOver(
          "pg_terminate_backend of the lead",
          KILLED,
          () ->
              end(
                  "application_name = 'penstock-bridge-lead' and pid in (select pid from"
                      + " pg_locks where locktype = 'advisory' and granted)"));
      awaitState(first, "standby");
      // The first may have released that transaction itself, before it noticed.
      awaitState(second, "leading");

      takesOver(
          "the second's lead ended as well",
          KILLED,
          () ->
              end(
                  "application_name = 'penstock-bridge-lead' and pid in (select pid from"
                      + " pg_locks where locktype = 'advisory' and granted)"));
      awaitState(second, "standby");
    }
    requireNothingSeen();
  }

  @Test
  void aLeaderWhosePostgresIsABlackHoleIsReplacedAndDoesNoHarmAfterwards() throws Exception {
    try (StormLoad _ = new StormLoad(bridge, 5, 50)) {
      takesOver("a black hole between leader and Postgres", FROZEN, lead::blackHole);
      awaitState(first, "failing");

      lead.heal();
      awaitState(first, "standby");

      lead.cut();
      awaitState(first, "failing");
      assertThat(first.status("/actuator/health/readiness")).isEqualTo(503);
      assertThat(first.status("/actuator/health/liveness")).isEqualTo(200);
      lead.heal();
      awaitState(first, "standby");
      assertThat(first.status("/actuator/health/readiness")).isEqualTo(200);
      assertThat(first.get("/actuator/prometheus")).contains("penstock_bridge_failing 0.0");
    }
    requireNothingSeen();
  }

  /// What a takeover costs whatever else the machine does.
  private static long cpuMillis(ChildBridge bridge) {
    return ProcessHandle.of(bridge.jvm().pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .map(Duration::toMillis)
        .orElse(0L);
  }

  private static int patience() {
    if (Boolean.getBoolean("penstock.strict")) {
      return 1;
    }
    OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
    double busy = machine.getSystemLoadAverage() / machine.getAvailableProcessors();
    return 2 + (int) Math.clamp(busy, 0, 12);
  }

  private interface Deed {
    void happen() throws Exception;
  }

  /// From the deed to the release of the first transaction that was committed after it.
  private void takesOver(String what, Duration limit, Deed deed) throws Exception {
    await().atMost(START).until(() -> log.count() > 20);
    long cpu = cpuMillis(second);
    deed.happen();
    long began = System.nanoTime();
    long txid;
    try (Connection own = bridge.connect()) {
      txid = Sql.commit(own, "insert into fact values (" + began + ", 'p', 'behind')");
    }
    await()
        .atMost(limit.multipliedBy(patience()))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> log.releasedAt(txid) > 0);
    System.out.printf(
        "LeadershipTest: %s: %d ms, %d ms of the second's CPU (a machine of load %.1f)%n",
        what,
        (log.releasedAt(txid) - began) / 1_000_000,
        cpuMillis(second) - cpu,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  private void end(String which) throws Exception {
    Sql.run(
        connection,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            + " and "
            + which);
  }

  private static void awaitState(ChildBridge bridge, String state) {
    await()
        .atMost(START)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(bridge.state()).isEqualTo(state));
  }

  private void requireNothingSeen() throws Exception {
    long last = Sql.commit(connection, "insert into fact values (0, 'p', 'last')");
    await().atMost(START).until(() -> log.releasedAt(last) > 0);
    List<Oracle.Committed> expected = oracle.committed(connection);
    List<Oracle.Committed> seen = log.released();
    assertThat(seen.subList(seen.size() - expected.size(), seen.size()))
        .containsExactlyElementsOf(expected);
    assertThat(log.gaps()).isEmpty();
  }
}
