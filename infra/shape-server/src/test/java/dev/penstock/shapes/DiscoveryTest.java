package dev.penstock.shapes;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/// Any table is served from its first request on, and no row is missing, whoever was writing.
@Timeout(60)
class DiscoveryTest {
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final List<ConfigurableApplicationContext> SERVERS = new ArrayList<>();
  private static final List<Client> CLIENTS = new ArrayList<>();

  private static TestShapes stack;
  private static Client client;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
    for (int i = 0; i < 2; i++) {
      ConfigurableApplicationContext server =
          stack.server(Map.of("lazy-discovery", true, "patience", "1500ms"));
      SERVERS.add(server);
      CLIENTS.add(TestShapes.client(server));
    }
    client = CLIENTS.getFirst();
  }

  @AfterAll
  static void stop() {
    SERVERS.forEach(ConfigurableApplicationContext::close);
    stack.close();
  }

  private static String table(String definition) {
    String table = "lazy" + NEXT.incrementAndGet();
    stack.sql("create table " + table + " " + definition);
    return table;
  }

  @Test
  void namesOfEveryKindAreServedAndFollowed() {
    stack.sql("create schema \"My Schema\"");
    Map<String, String> keyByTable = new HashMap<>();
    keyByTable.put("\"Mixed Case with blanks\"", "\"public\".\"Mixed Case with blanks\"/\"7\"");
    keyByTable.put("\"My Schema\".\"a.b/c\"", "\"My Schema\".\"a..b//c\"/\"7\"");
    keyByTable.put("\"quo\"\"te\"", "\"public\".\"quo\"te\"/\"7\"");
    keyByTable.put("\"in publication x\"", "\"public\".\"in publication x\"/\"7\"");
    keyByTable.put("\"sel?ect\"", "\"public\".\"sel?ect\"/\"7\"");
    keyByTable.put("\"überall\"", "\"public\".\"überall\"/\"7\"");
    keyByTable.forEach((table, key) -> {
      stack.sql("create table " + table + " (\"Id\" int primary key, \"a b\"\",c\" text)");
      Follower follower = new Follower(client, "table", table, "columns", "\"Id\",\"a b\"\",c\"");
      follower.catchUp();

      stack.sql("insert into " + table + " values (7, 'x')");

      JsonNode row = follower.await(1).getFirst();
      assertThat(row.path("key").asString()).isEqualTo(key);
      assertThat(row.path("value").toString()).isEqualTo("{\"Id\":\"7\",\"a b\\\",c\":\"x\"}");
      assertThat(follower.refetches()).as(table).isZero();
    });
  }

  @Test
  void keysAndTypesOfEveryKindAreServed() {
    stack.sql("create type feeling as enum ('sad', 'ok')");
    stack.sql("create type pair as (r float8, i text)");
    stack.sql("create domain posint as int check (value > 0)");
    String composite =
        table(
            "(b text, a int, e feeling, p pair, d posint, es feeling[], ps pair[], ds posint[],"
                + " m int[][], j jsonb[], primary key (b, a))");
    String keyless = table("(b text, a int)");
    String row =
        "('x/y', %d, 'ok', row(1.5, 'a b'), 5, '{sad,ok}', array[row(1, null)::pair], '{1,2}',"
            + " '{{1,2},{3,4}}', array['{\"a\": 1}'::jsonb])";
    stack.sql("insert into " + composite + " values " + row.formatted(1));
    stack.sql("insert into " + keyless + " values (null, 1)");
    Follower typed = new Follower(client, "table", composite, "replica", "full");
    Follower bare = new Follower(client, "table", keyless);
    JsonNode snapshot = typed.catchUp().getFirst();
    assertThat(bare.catchUp().getFirst().path("key").asString())
        .isEqualTo("\"public\".\"" + keyless + "\"/\"1\"/_");

    stack.transaction(
        "insert into " + composite + " values " + row.formatted(2),
        "update " + keyless + " set b = '' where a = 1");

    JsonNode live = typed.await(1).getFirst();
    assertThat(live.path("key").asString())
        .isEqualTo("\"public\".\"" + composite + "\"/\"x//y\"/\"2\"");
    assertThat(live.path("value").toString().replace("\"a\":\"2\"", "\"a\":\"1\""))
        .isEqualTo(snapshot.path("value").toString());
    assertThat(live.path("value").path("p").asString()).isEqualTo("(1.5,\"a b\")");
    List<JsonNode> moved = bare.await(2);
    assertThat(moved.getLast().path("key").asString())
        .isEqualTo("\"public\".\"" + keyless + "\"/\"1\"/\"\"");
    JsonNode schema =
        Client.JSON.readTree(
            client.shape("table", composite, "offset", "-1").required("electric-schema"));
    assertThat(schema.path("e").path("type").asString()).isEqualTo("feeling");
    assertThat(schema.path("es").toString()).isEqualTo("{\"type\":\"feeling\",\"dims\":1}");
    assertThat(schema.path("m").toString()).isEqualTo("{\"type\":\"int4\",\"dims\":2}");
    assertThat(schema.path("b").path("pk_index").asInt()).isZero();
    assertThat(schema.path("a").path("pk_index").asInt()).isEqualTo(1);
  }

  @Test
  void rowsOfATransactionThatWroteBeforeTheTableJoinedAreNotMissing() throws SQLException {
    for (String identity : List.of("default", "full")) {
      String table = table("(id int primary key, v text)");
      stack.sql("alter table " + table + " replica identity " + identity);
      try (Connection open = DriverManager.getConnection(stack.jdbcUrl);
          Statement writer = open.createStatement()) {
        // Given a transaction that has written and goes on
        open.setAutoCommit(false);
        writer.execute("insert into " + table + " values (1, 'before')");

        // When the table is asked for by two instances
        for (Client asked : CLIENTS) {
          Reply early = asked.shape("table", table, "offset", "-1");
          assertThat(early.status()).as(early.body()).isEqualTo(503);
          assertThat(early.header("retry-after")).isNotNull();
          assertThat(early.body()).contains("waiting for a table lock");
        }
        writer.execute("insert into " + table + " values (2, 'meanwhile')");
        open.commit();
      }

      // Then both have its rows, once it has committed
      Follower follower = new Follower(CLIENTS, "table", table);
      while (follower.rows().isEmpty()) {
        follower.catchUp();
      }
      stack.sql("update " + table + " set v = 'after' where id = 1");
      assertThat(follower.await(1)).hasSize(1);
      assertThat(follower.rows()).hasSize(2);
    }
  }

  @Test
  void nothingIsMissingWhileManyWriteAndTwoInstancesDiscoverAtOnce() throws Exception {
    for (String identity : List.of("default", "full")) {
      String table = table("(id bigserial primary key, v int)");
      stack.sql("alter table " + table + " replica identity " + identity);
      AtomicBoolean done = new AtomicBoolean();
      List<Follower> all;
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          writers.add(CompletableFuture.runAsync(() -> write(table, done), threads));
        }
        List<CompletableFuture<Follower>> followers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          Client own = CLIENTS.get(i % 2);
          followers.add(CompletableFuture.supplyAsync(() -> discovered(own, table), threads));
        }
        all = followers.stream().map(follower -> follower.orTimeout(30, SECONDS).join()).toList();
        done.set(true);
        writers.forEach(CompletableFuture::join);
      } finally {
        done.set(true);
      }
      long last = stack.transaction("insert into " + table + " (v) values (-1)");

      TreeSet<String> expected = new TreeSet<>();
      for (String id :
          stack.text("select string_agg(id::text, ',') from " + table).split(",", -1)) {
        expected.add("\"public\".\"" + table + "\"/\"" + id + "\"");
      }
      for (Follower follower : all) {
        follower.awaitTxid(last);
        assertThat(follower.rows().keySet()).isEqualTo(expected);
      }
    }
  }

  private static Follower discovered(Client asked, String table) {
    Follower follower = new Follower(asked, "table", table);
    while (follower.rows().isEmpty()) {
      follower.catchUp();
    }
    return follower;
  }

  /// Transactions that are open for a while, each with a row early and a row late.
  private static void write(String table, AtomicBoolean done) {
    try (Connection connection = DriverManager.getConnection(stack.jdbcUrl);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!done.get()) {
        statement.execute("insert into " + table + " (v) values (1)");
        statement.execute("select pg_sleep(0.01)");
        statement.execute("insert into " + table + " (v) values (2)");
        connection.commit();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void waitingForATablesLockKeepsOthersBackForMomentsOnly() throws SQLException {
    String table = table("(id int primary key)");
    try (Connection open = DriverManager.getConnection(stack.jdbcUrl);
        Statement writer = open.createStatement()) {
      open.setAutoCommit(false);
      writer.execute("insert into " + table + " values (1)");
      CompletableFuture<Reply> asked = client.later("table", table, "offset", "-1");

      long longest = 0;
      int writes = 0;
      while (!asked.isDone()) {
        long start = System.nanoTime();
        stack.sql("insert into " + table + " values (" + (10 + writes++) + ")");
        longest = Math.max(longest, System.nanoTime() - start);
      }

      assertThat(asked.join().status()).isEqualTo(503);
      // The lock's timeout is 200 ms; the rest is room for a loaded machine.
      assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(1));
      assertThat(writes).isGreaterThan(20);
      open.rollback();
    }
  }

  @Test
  void streamFromNowOfANewTableIsNotEndedByItsJoining() {
    String table = table("(id int primary key)");
    Reply now = client.shape("table", table, "offset", "now", "log", "changes_only");
    assertThat(now.status()).isEqualTo(200);
    CompletableFuture<Reply> live =
        client.later(
            "table",
            table,
            "offset",
            now.required("electric-offset"),
            "handle",
            now.required("electric-handle"),
            "log",
            "changes_only",
            "live",
            "true");

    stack.sql("insert into " + table + " values (1)");

    assertThat(live).succeedsWithin(Duration.ofSeconds(10));
    assertThat(live.join().status()).isEqualTo(200);
    assertThat(live.join().messages()).hasSize(2);
  }

  @Test
  void changesOfATableRotateOnlyItsShapesOnEveryInstance() {
    String untouched = table("(id int primary key, v text)");
    stack.sql("create type hue as enum ('red')");
    String typed = table("(id int primary key, h hue)");
    List<Follower> others = new ArrayList<>();
    for (Client own : CLIENTS) {
      others.add(new Follower(own, "table", untouched));
      others.add(new Follower(own, "table", typed));
    }
    others.forEach(Follower::catchUp);
    for (String ddl :
        List.of(
            "truncate %s",
            "alter table %s add column w int",
            "alter table %s drop column v",
            "alter table %s alter column v type varchar(9)",
            "alter table %s alter column v drop not null",
            "alter table %s rename column v to w",
            "alter table %s rename to %s_renamed",
            "alter publication penstock drop table %s",
            "alter table %s set schema other",
            "drop table %s")) {
      String table = table("(id int primary key, v text not null)");
      stack.sql("create schema if not exists other");
      List<String> handles = new ArrayList<>();
      for (Client own : CLIENTS) {
        Reply first = own.shape("table", table, "offset", "-1");
        assertThat(first.status()).as(first.body()).isEqualTo(200);
        handles.add(first.required("electric-handle"));
      }
      List<CompletableFuture<Reply>> live = new ArrayList<>();
      for (int i = 0; i < CLIENTS.size(); i++) {
        live.add(
            CLIENTS
                .get(i)
                .later(
                    "table", table, "offset", "0_inf", "handle", handles.get(i), "live", "true"));
      }

      stack.sql(ddl.replace("%s", table));

      for (CompletableFuture<Reply> reply : live) {
        assertThat(reply).as(ddl).succeedsWithin(Duration.ofSeconds(10));
        assertThat(reply.join().status()).as("%s: %s", ddl, reply.join().body()).isEqualTo(409);
      }
    }
    // Types of their own come and go with tables, and concern no others.
    stack.sql("create type unrelated as enum ('x')");
    stack.sql("drop type unrelated");
    long last =
        stack.transaction(
            "insert into " + untouched + " values (1, 'x')",
            "insert into " + typed + " values (1, 'red')");
    for (Follower follower : others) {
      follower.awaitTxid(last);
      assertThat(follower.refetches()).isZero();
    }

    stack.sql("alter type hue rename value 'red' to 'blue'");

    Follower relabelled = others.getLast();
    while (relabelled.refetches() == 0) {
      relabelled.catchUp();
    }
    relabelled.catchUp();
    assertThat(relabelled.rows().values().toString()).contains("h=blue");
  }

  @Test
  void columnThatMayBeNullNowIsNoLongerDeclaredNotNull() {
    String table = table("(id int primary key, v text not null)");
    Reply before = client.shape("table", table, "offset", "-1");
    assertThat(before.header("electric-schema")).contains("\"v\":{\"type\":\"text\",\"not_null\"");

    stack.sql("alter table " + table + " alter column v drop not null");

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          Reply after = client.shape("table", table, "offset", "-1", "handle", "x");
          assertThat(after.header("electric-schema")).contains("\"v\":{\"type\":\"text\"}");
        });
  }

  @Test
  void tableThatWasRecreatedIsServedAnew() {
    String table = table("(id int primary key)");
    stack.sql("insert into " + table + " values (1)");
    Follower follower = new Follower(CLIENTS, "table", table);
    follower.catchUp();

    stack.sql("drop table " + table);
    stack.sql("create table " + table + " (id text primary key)");
    stack.sql("insert into " + table + " values ('new')");

    while (follower.refetches() == 0) {
      follower.catchUp();
    }
    follower.catchUp();
    assertThat(follower.rows().keySet()).containsExactly("\"public\".\"" + table + "\"/\"new\"");
  }

  @Test
  void whatCannotBeFollowedIsNoTable() {
    String parent = table("(id int primary key)");
    stack.sql("create table " + parent + "_child () inherits (" + parent + ")");
    stack.sql("create view lazy_view as select 1 as id");
    stack.sql("create unlogged table lazy_unlogged (id int primary key)");
    stack.sql("create table lazy_parts (id int primary key) partition by range (id)");
    for (String table :
        List.of(
            "nope",
            parent,
            "lazy_view",
            "lazy_unlogged",
            "lazy_parts",
            "pg_catalog.pg_authid",
            "information_schema.sql_features",
            "pg_toast.pg_toast_1262")) {
      Reply reply = client.shape("table", table, "offset", "-1");
      assertThat(reply.status()).as("%s %s", table, reply.body()).isEqualTo(400);
      assertThat(reply.body()).contains("does not exist");
    }
  }
}
