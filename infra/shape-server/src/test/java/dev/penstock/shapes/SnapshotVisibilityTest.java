package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import dev.penstock.stack.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/// Snapshots where the order of the log is not the order of visibility, and where xids have an
/// epoch. On a Postgres of its own, whose settings it changes.
class SnapshotVisibilityTest {
  private static final int EPOCH = 3;

  @TempDir private static Path directory;
  private static PostgresServer postgres;
  private static TestShapes stack;

  @BeforeAll
  static void start() throws Exception {
    postgres = PostgresServer.start(directory, 0);
    postgres.close();
    XidEpoch.set(directory.resolve("data"), EPOCH);
    postgres = PostgresServer.start(directory, 0);
    postgres.createDatabase("visible");
    stack = new TestShapes(postgres.jdbcUrl("visible"));
    stack.sql("set synchronous_commit = 'local'");
  }

  @AfterAll
  static void stop() {
    stack.close();
    postgres.close();
  }

  @Test
  void endOfASnapshotIsInTheDomainOfTheTxidsInALaterEpoch() {
    assertThat(Long.parseLong(stack.text("select pg_current_xact_id()::text")) >> 32)
        .isEqualTo(EPOCH);
    stack.publish("(id int primary key, v text)", "later");
    long before = stack.transaction("insert into later values (1, 'a')");
    try (ConfigurableApplicationContext server = stack.server(Map.of())) {
      Client client = TestShapes.client(server);

      JsonNode end =
          client.shape("table", "later", "offset", "-1").messages().get(1).path("headers");
      JsonNode subset =
          client
              .shape("table", "later", "offset", "now", "subset__where", "true = true")
              .json()
              .path("metadata");
      Follower follower = new Follower(client, "table", "later");
      follower.catchUp();
      long after = stack.transaction("insert into later values (2, 'b')");
      follower.awaitTxid(after);

      assertThat(sees(end, before)).as("%s sees %d", end, before).isTrue();
      assertThat(sees(end, after)).as("%s sees %d", end, after).isFalse();
      assertThat(sees(subset, before)).as("%s sees %d", subset, before).isTrue();
      assertThat(sees(subset, after)).as("%s sees %d", subset, after).isFalse();
      assertThat(follower.rows()).hasSize(2);
    }
  }

  @Test
  void snapshotThatWaitsForATruncationIsTakenBehindIt() throws Exception {
    stack.publish("(id int primary key, v text)", "emptied");
    stack.sql("insert into emptied values (1, 'a')");
    try (ConfigurableApplicationContext server = stack.server(Map.of());
        Connection other = DriverManager.getConnection(stack.jdbcUrl);
        Statement statement = other.createStatement()) {
      Client client = TestShapes.client(server);
      other.setAutoCommit(false);
      statement.execute("truncate emptied");
      String txid = stack.text("select max(transactionid::text::bigint) from pg_locks");

      CompletableFuture<Reply> asked =
          CompletableFuture.supplyAsync(() -> client.shape("table", "emptied", "offset", "-1"));
      Awaitility.await()
          .until(() ->
              stack
                  .text("select count(*) from pg_locks where not granted and locktype = 'relation'")
                  .equals("1"));
      other.commit();

      assertThat(asked).succeedsWithin(Duration.ofSeconds(10));
      List<JsonNode> messages = asked.join().messages();
      assertThat(messages).as("%s", messages).hasSize(1);
      assertThat(sees(messages.get(0).path("headers"), Long.parseLong(txid))).isTrue();
    }
  }

  /// As TanStack's `awaitTxId` asks.
  private static boolean sees(JsonNode snapshot, long txid) {
    return txid < Long.parseLong(snapshot.path("xmin").asString())
        || (txid < Long.parseLong(snapshot.path("xmax").asString())
            && !snapshot.path("xip_list").toString().contains("\"" + txid + "\""));
  }

  @Test
  void commitThatTheLogHasBeforeItIsVisibleIsNeitherMissingNorRepeated() throws Exception {
    stack.publish("(id int primary key, v text)", "hangs");
    stack.sql("insert into hangs values (1, 'visible')");
    Map<String, Object> settings = Map.of("patience", "1s", "long-poll", "10s");
    try (ConfigurableApplicationContext server = stack.server(settings)) {
      Client client = TestShapes.client(server);
      Follower early = new Follower(client, "table", "hangs");
      early.catchUp();
      waitForStandby("nobody");
      CompletableFuture<Void> hanging =
          CompletableFuture.runAsync(() -> insert("insert into hangs values (2, 'hidden')"));
      try {
        early.await(1);
        assertThat(early.rows()).hasSize(2);
        assertThat(stack.text("select count(*) from hangs")).isEqualTo("1");
        assertUnavailable(client, "the transaction is known");

        // An instance that begins behind the commit knows nothing of it.
        stack.pump.reclaim();
        try (ConfigurableApplicationContext later =
            stack.server(Map.of("patience", "1s", "replay-bytes", 0))) {
          assertUnavailable(TestShapes.client(later), "the transaction is older than the instance");
          Follower late = new Follower(List.of(TestShapes.client(later), client), "table", "hangs");
          assertThat(hanging).isNotDone();

          waitForStandby("");

          assertThat(hanging).succeedsWithin(Duration.ofSeconds(10));
          late.catchUp();
          assertThat(late.rows()).hasSize(2);
          stack.sql("insert into hangs values (3, 'next')");
          late.await(1);
          early.await(1);
          assertThat(late.rows()).hasSize(3);
          assertThat(early.rows()).isEqualTo(late.rows());
          assertThat(early.refetches() + late.refetches()).isZero();
        }
      } finally {
        waitForStandby("");
      }
    }
  }

  private static void assertUnavailable(Client client, String why) {
    for (String[] request :
        List.of(
            // Another shape: a snapshot of the first, taken before, may still be shared.
            new String[] {"table", "hangs", "where", "id > 0", "offset", "-1"},
            new String[] {"table", "hangs", "offset", "now", "subset__where", "true = true"})) {
      Reply reply = client.shape(request);
      assertThat(reply.status()).as("%s: %s", why, reply.body()).isEqualTo(503);
      assertThat(reply.header("retry-after")).isNotNull();
    }
  }

  /// Every commit hangs from now on, unless the name is empty.
  private static void waitForStandby(String name) {
    stack.sql("alter system set synchronous_standby_names = '" + name + "'");
    stack.sql("select pg_reload_conf()");
    Awaitility.await()
        .until(() -> {
          try (Connection fresh = DriverManager.getConnection(stack.jdbcUrl);
              Statement statement = fresh.createStatement();
              var row = statement.executeQuery("show synchronous_standby_names")) {
            row.next();
            return row.getString(1).equals(name);
          }
        });
  }

  private static void insert(String sql) {
    try (Connection connection = DriverManager.getConnection(stack.jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
