package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.Transaction;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A standby that streams is promoted. Its slot is a copy that lies behind, as a synchronised one
/// does.
class FailoverTest {
  private static final Map<String, String> SETTINGS =
      Map.of("wal_keep_size", "256MB", "autovacuum", "off", "hot_standby_feedback", "on");

  @Test
  void aStandbyThatHasAllThatTheLogHasGoesOnWithTheGeneration(@TempDir Path directory)
      throws Exception {
    try (PostgresServer primary = PostgresServer.start(directory.resolve("1"), 0, SETTINGS)) {
      primary.createDatabase("db");
      try (TestBridge bridge =
              new TestBridge(
                  primary.jdbcUrl("db"), TestStack.bootstrapServers(), TestBridge.fact());
          PostgresServer standby = standby(primary, directory.resolve("2"));
          Connection old = bridge.connect();
          Connection promoted =
              DriverManager.getConnection(standby.jdbcUrl("db"), "postgres", "")) {
        bridge.startAndLead();
        long first = Sql.commit(old, "insert into fact values (1, 'p', 'a')");
        bridge.transactionsUntil(first);
        bridge.stop();
        long second = Sql.commit(old, "insert into fact values (2, 'p', 'b')");
        awaitReplayed(old, promoted);
        primary.kill();
        Sql.run(promoted, "select pg_promote()");

        bridge.setting("penstock.bridge.database-url", standby.jdbcUrl("db"));
        bridge.startAndLead();

        long third = Sql.commit(promoted, "insert into fact values (3, 'p', 'c')");
        assertThat(bridge.transactionsUntil(third))
            .extracting(Transaction::txid)
            .endsWith(first, second, third);
        assertThat(Materialized.until(bridge, third).opened).hasSize(1);
        // And again, when the log is beyond the place where the timelines part.
        bridge.stop();
        bridge.startAndLead();
        long fourth = Sql.commit(promoted, "insert into fact values (4, 'p', 'd')");
        assertThat(Materialized.until(bridge, fourth).opened).hasSize(1);
      }
    }
  }

  @Test
  void aLogThatIsAheadOfThePromotedStandbyOpensAGeneration(@TempDir Path directory)
      throws Exception {
    try (PostgresServer primary = PostgresServer.start(directory.resolve("1"), 0, SETTINGS)) {
      primary.createDatabase("db");
      try (TestBridge bridge =
              new TestBridge(
                  primary.jdbcUrl("db"), TestStack.bootstrapServers(), TestBridge.fact());
          PostgresServer standby = standby(primary, directory.resolve("2"))) {
        try (Connection old = bridge.connect();
            Connection replica =
                DriverManager.getConnection(standby.jdbcUrl("db"), "postgres", "")) {
          bridge.startAndLead();
          Sql.commit(old, "insert into fact values (1, 'p', 'a')");
          awaitReplayed(old, replica);
          standby.stop();
          // The new primary never has these.
          bridge.transactionsUntil(Sql.commit(old, "insert into fact values (2, 'p', 'b')"));
          bridge.transactionsUntil(Sql.commit(old, "update fact set body = 'x' where id = 1"));
          KeyedState.ofFact(bridge, old);
          bridge.stop();
        }
        primary.kill();
        standby.start();
        try (Connection promoted =
            DriverManager.getConnection(standby.jdbcUrl("db"), "postgres", "")) {
          Sql.run(promoted, "select pg_promote()");

          bridge.setting("penstock.bridge.database-url", standby.jdbcUrl("db"));
          bridge.startAndLead();

          long last = Sql.commit(promoted, "insert into fact values (0, 'last', '')");
          // Both timelines use the same txids.
          Materialized log = Materialized.until(bridge, last, 2);
          assertThat(log.opened.getLast().origin().reason()).contains("left the log's timeline");
          assertThat(log.differences(promoted)).isEmpty();
          KeyedState keyed = KeyedState.ofFact(bridge, promoted);
          assertThat(keyed.wrong).isEmpty();
          assertThat(keyed.ops).contains("r {\"id\":1}", "d {\"id\":2}");
        }
      }
    }
  }

  /// A copy of the stopped primary's directory, slot and all, that streams from it.
  private static PostgresServer standby(PostgresServer primary, Path directory) throws IOException {
    primary.stop();
    try (Stream<Path> files = Files.walk(primary.directory())) {
      for (Path from : files.toList()) {
        String relative = primary.directory().relativize(from).toString();
        if (!relative.endsWith("postmaster.pid") && !relative.endsWith(".lock")) {
          Path to = directory.resolve(relative);
          if (!Files.exists(to)) {
            Files.copy(from, to, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
          }
        }
      }
    }
    Files.createFile(directory.resolve("data/standby.signal"));
    primary.start();
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.put("primary_conninfo", "host=127.0.0.1 user=postgres port=" + primary.port());
    return PostgresServer.start(directory, 0, settings);
  }

  private static void awaitReplayed(Connection primary, Connection standby) throws Exception {
    String now = Sql.text(primary, "select pg_current_wal_lsn()");
    await()
        .atMost(TestBridge.PATIENCE)
        .until(() ->
            List.of("t", "true")
                .contains(
                    Sql.text(standby, "select pg_last_wal_replay_lsn() >= '" + now + "'::pg_lsn")));
  }
}
