package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

class InstancesTest {
  private static final long SEED = Long.getLong("penstock.seed", System.nanoTime());
  private static final int SHAPES = Integer.getInteger("penstock.shapes", 10);
  private static final int BATCHES = Integer.getInteger("penstock.batches", 10);
  private static final String[] FILTERS = {
    "",
    "kind = 'a'",
    "n > 5 AND n <= 40",
    "kind IN ('a','c') OR flag",
    "NOT (kind = 'b')",
    "name LIKE 'x%' AND name IS NOT NULL",
    "kind = ANY('{b,c}')",
    "at >= '2026-01-05T00:00:00Z'",
    "n BETWEEN 10 AND 30 OR kind IS NULL",
    "flag IS NOT TRUE",
    "name ILIKE '%Y%'",
    "n <> 7",
    "kind IS DISTINCT FROM 'a'",
    "name < 'x5'",
    "NOT (n IN (1, 2, NULL))"
  };

  private static TestShapes stack;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void everyShapeEqualsItsQueryAfterEveryBatchWhileClientsHopBetweenInstances() throws Exception {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    stack.publish(
        "(id int primary key, kind text, n int, flag bool, name text, at timestamptz)", "items");
    List<ConfigurableApplicationContext> servers =
        new ArrayList<>(List.of(stack.server(Map.of()), stack.server(Map.of())));
    List<Follower> followers = new ArrayList<>();
    List<String> filters = new ArrayList<>();
    Thread writer = null;
    try {
      List<Client> clients = servers.stream().map(TestShapes::client).toList();
      for (int batch = 0; batch < BATCHES; batch++) {
        int current = batch;
        Random own = new Random(random.nextLong());
        // Half of the shapes are opened while the writer writes.
        writer = Thread.ofPlatform().start(() -> mutate(own, 20));
        while (followers.size() < SHAPES * (current + 1) / BATCHES) {
          String filter = FILTERS[followers.size() % FILTERS.length];
          List<Client> order = followers.size() % 2 == 0 ? clients : clients.reversed();
          List<String> definition = new ArrayList<>(List.of("table", "items"));
          if (!filter.isEmpty()) {
            definition.addAll(List.of("where", filter));
          }
          Follower follower = new Follower(order, definition.toArray(String[]::new));
          follower.catchUp();
          followers.add(follower);
          filters.add(filter);
        }
        writer.join();
        long lsn = Long.parseLong(stack.text("select (pg_current_wal_insert_lsn() - '0/0')::text"));
        // A commit behind it carries every instance past it.
        long beyond =
            stack.transaction("insert into conversations values (gen_random_uuid(), 'o', 't')");
        assertThat(beyond).isPositive();
        for (int i = 0; i < followers.size(); i++) {
          followers.get(i).reach(lsn);
          assertThat(followers.get(i).rows())
              .as("seed %d, batch %d, filter %s", SEED, current, filters.get(i))
              .isEqualTo(expected(filters.get(i)));
          assertThat(followers.get(i).refetches()).isZero();
        }
      }
    } finally {
      servers.forEach(ConfigurableApplicationContext::close);
    }
  }

  @Test
  void restartKeepsHandlesValidAndRepeatsNothing() {
    stack.publish("(id int primary key, v text)", "kept");
    stack.sql("insert into kept values (1, 'a')");
    ConfigurableApplicationContext before = stack.server(Map.of());
    Client first = TestShapes.client(before);
    Reply snapshot = first.shape("table", "kept", "offset", "-1");
    String handle = snapshot.required("electric-handle");
    stack.sql("insert into kept values (2, 'b')");
    Reply live = first.shape("table", "kept", "offset", "0_inf", "handle", handle, "live", "true");
    String offset = live.required("electric-offset");
    before.close();
    stack.transaction("insert into kept values (3, 'c')", "insert into kept values (4, 'd')");

    // From the log's beginning, from its latest claim, and with a window that holds nothing.
    for (Map<String, Object> settings :
        List.<Map<String, Object>>of(
            Map.of(), Map.of("replay-bytes", 0), Map.of("window-bytes", 1, "feed-bytes", 1))) {
      try (ConfigurableApplicationContext after = stack.server(settings)) {
        Client second = TestShapes.client(after);
        Reply reply = second.shape("table", "kept", "offset", offset, "handle", handle);
        assertThat(reply.status()).as("%s %s", settings, reply.body()).isEqualTo(200);
        List<String> ids = new ArrayList<>();
        for (String at = offset; ids.size() < 2; at = reply.required("electric-offset")) {
          reply = second.shape("table", "kept", "offset", at, "handle", handle);
          assertThat(reply.status()).isEqualTo(200);
          reply.messages().stream()
              .filter(message -> message.has("key"))
              .forEach(message -> ids.add(message.path("value").path("id").asString()));
        }
        assertThat(ids).containsExactly("3", "4");
      }
    }
  }

  @Test
  void largeTransactionsAreCutIntoChunksWithoutLossOrRepetition() {
    stack.publish("(id int primary key, v text)", "large");
    for (Map<String, Object> memory :
        List.<Map<String, Object>>of(Map.of(), Map.of("window-bytes", 1, "feed-bytes", 1))) {
      Map<String, Object> settings = new java.util.HashMap<>(memory);
      settings.put("chunk-bytes", memory.isEmpty() ? 10_000 : 60_000);
      stack.sql("delete from large");
      try (ConfigurableApplicationContext server = stack.server(settings)) {
        Follower follower = new Follower(TestShapes.client(server), "table", "large");
        assertThat(follower.catchUp()).isEmpty();
        stack.sql("insert into large select i, repeat('x', 100) from generate_series(1, 1000) i");
        stack.sql("update large set id = -id where id <= 100");

        follower.await(1_200);

        assertThat(follower.rows()).hasSize(1_000);
        assertThat(follower.refetches()).isZero();
      }
    }
  }

  @Test
  void newGenerationEndsEveryHandle() {
    stack.publish("(id int primary key)", "reborn");
    stack.sql("insert into reborn values (1)");
    try (ConfigurableApplicationContext server = stack.server(Map.of("long-poll", "10s"))) {
      Client client = TestShapes.client(server);
      String handle = client.shape("table", "reborn", "offset", "-1").required("electric-handle");
      var live =
          client.later("table", "reborn", "offset", "0_inf", "handle", handle, "live", "true");

      stack.pump.reopen();

      assertThat(live).succeedsWithin(java.time.Duration.ofSeconds(5));
      assertThat(live.join().status()).isEqualTo(409);
      assertThat(client.shape("table", "reborn", "offset", "0_inf", "handle", handle).status())
          .isEqualTo(409);
      Follower follower = new Follower(client, "table", "reborn");
      assertThat(follower.catchUp()).hasSize(1);
      follower.awaitTxid(stack.transaction("insert into reborn values (2)"));
      assertThat(follower.rows()).hasSize(2);
    }
  }

  @Test
  void liveClientSeesACommitSoon() {
    stack.publish("(id int primary key)", "quick");
    try (ConfigurableApplicationContext server = stack.server(Map.of())) {
      Follower follower = new Follower(TestShapes.client(server), "table", "quick");
      follower.catchUp();
      long[] micros = new long[300];
      for (int i = 0; i < micros.length; i++) {
        int id = i;
        long[] committed = new long[1];
        Thread writer =
            Thread.ofVirtual()
                .start(() -> {
                  java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                  stack.transaction("insert into quick values (" + id + ")");
                  committed[0] = System.nanoTime();
                });
        follower.await(1);
        long seen = System.nanoTime();
        org.awaitility.Awaitility.await().until(() -> !writer.isAlive());
        micros[i] = Math.max(0, seen - committed[0]) / 1_000;
      }
      long[] last = java.util.Arrays.copyOfRange(micros, 100, micros.length);
      java.util.Arrays.sort(last);
      System.out.printf(
          "commit -> live client: p50 %d us, p99 %d us%n",
          last[last.length / 2], last[last.length * 99 / 100]);
      assertThat(last[last.length / 2]).isLessThan(250_000);
    }
  }

  @Test
  void positionAheadOfTheLogIsRefusedAndNeverAnswered() {
    stack.publish("(id int primary key)", "ahead");
    try (ConfigurableApplicationContext server = stack.server(Map.of("patience", "1500ms"))) {
      Client client = TestShapes.client(server);
      String handle = client.shape("table", "ahead", "offset", "-1").required("electric-handle");
      Reply reply =
          client.shape("table", "ahead", "offset", "9000000000000000000_0", "handle", handle);
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.body())
          .isEqualTo(
              "{\"message\":\"Invalid request\",\"errors\":{\"offset\":[\"out of bounds for this shape\"]}}");
    }
  }

  private static void mutate(Random random, int transactions) {
    try (java.sql.Connection connection = java.sql.DriverManager.getConnection(stack.jdbcUrl);
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < transactions; i++) {
        connection.setAutoCommit(false);
        for (int change = random.nextInt(4); change >= 0; change--) {
          int id = random.nextInt(60);
          String values =
              "%s, %s, %s, %s, %s"
                  .formatted(
                      quoted(random, "a", "b", "c"),
                      random.nextInt(8) == 0 ? "null" : Integer.toString(random.nextInt(50)),
                      random.nextInt(8) == 0 ? "null" : Boolean.toString(random.nextBoolean()),
                      quoted(random, "x1", "x7", "Xy", "yy", ""),
                      quoted(random, "2026-01-01 00:00:00+00", "2026-01-09 12:00:00.5+02"));
          switch (random.nextInt(5)) {
            case 0 -> statement.execute("delete from items where id = " + id);
            case 1 ->
                statement.execute(
                    "update items set id = %d where id = %d and not exists (select from items where id = %d)"
                        .formatted(id + 100, id, id + 100));
            default ->
                statement.execute(
                    "insert into items values (%d, %s) on conflict (id) do update set (kind, n, flag, name, at) = row(excluded.kind, excluded.n, excluded.flag, excluded.name, excluded.at)"
                        .formatted(id, values));
          }
        }
        if (random.nextInt(6) == 0) {
          connection.rollback();
        } else {
          connection.commit();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String quoted(Random random, String... values) {
    return random.nextInt(8) == 0 ? "null" : "'" + values[random.nextInt(values.length)] + "'";
  }

  private static Map<String, Map<String, @Nullable String>> expected(String filter)
      throws SQLException {
    Map<String, Map<String, @Nullable String>> rows = new TreeMap<>();
    String where =
        filter.isEmpty()
            ? ""
            : " where " + filter.replace("name < 'x5'", "name < 'x5' collate \"C\"");
    try (Statement statement = stack.connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select id::text, kind, n::text, flag::text, name, at::text from items" + where)) {
      while (row.next()) {
        Map<String, @Nullable String> value = new TreeMap<>();
        for (int i = 1; i <= 6; i++) {
          value.put(row.getMetaData().getColumnName(i), row.getString(i));
        }
        rows.put("\"public\".\"items\"/\"" + row.getString(1) + "\"", value);
      }
    }
    return rows;
  }
}
