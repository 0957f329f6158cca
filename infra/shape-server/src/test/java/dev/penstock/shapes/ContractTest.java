package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/// What a client may rely on, of this server and of Electric alike. With `PENSTOCK_ELECTRIC_URL`
/// set, and the JDBC URL of its database in `PENSTOCK_ELECTRIC_DATABASE_URL`, the same assertions
/// are made of a real Electric.
class ContractTest {
  private static final AtomicLong NEXT = new AtomicLong(System.currentTimeMillis());

  private static @Nullable TestShapes stack;
  private static @Nullable ConfigurableApplicationContext server;
  private static Client client;
  private static Connection connection;

  @BeforeAll
  static void start() throws SQLException {
    String url = System.getenv("PENSTOCK_ELECTRIC_URL");
    if (url != null && !url.isBlank()) {
      client = new Client(url);
      connection = DriverManager.getConnection(System.getenv("PENSTOCK_ELECTRIC_DATABASE_URL"));
      return;
    }
    TestShapes own = new TestShapes();
    ConfigurableApplicationContext context = own.server(Map.of());
    stack = own;
    server = context;
    client = TestShapes.client(context);
    connection = own.connection;
  }

  @AfterAll
  static void stop() {
    if (server != null && stack != null) {
      server.close();
      stack.close();
    }
  }

  private static String table() {
    String table = "contract_" + NEXT.incrementAndGet();
    if (stack != null) {
      stack.publish("(id int primary key, v text, n int)", table);
    } else {
      sql("create table " + table + " (id int primary key, v text, n int)");
    }
    return table;
  }

  private static void sql(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static List<JsonNode> changes(Reply reply) {
    return reply.messages().stream().filter(message -> message.has("key")).toList();
  }

  /// The handle of a shape that has been read up to date.
  private static Follower follow(String... definition) {
    Follower follower = new Follower(client, definition);
    follower.catchUp();
    return follower;
  }

  @Test
  void snapshotIsRowsAndItsEndAndThenUpToDate() {
    String table = table();
    sql("insert into " + table + " values (1, 'a', null)");

    Reply first = client.shape("table", table, "offset", "-1");

    assertThat(first.status()).isEqualTo(200);
    JsonNode row = first.messages().getFirst();
    assertThat(row.path("key").asString()).isEqualTo("\"public\".\"" + table + "\"/\"1\"");
    assertThat(row.path("value").toString()).isEqualTo("{\"id\":\"1\",\"v\":\"a\",\"n\":null}");
    assertThat(row.path("headers").path("operation").asString()).isEqualTo("insert");
    assertThat(row.path("headers").has("txids")).isFalse();
    JsonNode end = first.messages().getLast().path("headers");
    assertThat(end.path("control").asString()).isEqualTo("snapshot-end");
    assertThat(end.path("xmin").asString()).matches("\\d+");
    assertThat(first.header("electric-offset")).isEqualTo("0_0");
    assertThat(first.header("electric-up-to-date")).isNull();
    assertThat(first.header("electric-cursor")).isNull();
    assertThat(first.header("electric-schema"))
        .isEqualTo(
            "{\"id\":{\"type\":\"int4\",\"not_null\":true,\"pk_index\":0},\"v\":{\"type\":\"text\"},\"n\":{\"type\":\"int4\"}}");
    Reply next =
        client.shape("table", table, "offset", "0_0", "handle", first.required("electric-handle"));
    assertThat(next.messages().getLast().path("headers").path("control").asString())
        .isEqualTo("up-to-date");
    assertThat(next.header("electric-up-to-date")).isEmpty();
  }

  @Test
  void changesComeOnceInOrderWithNumbersForTxids() {
    String table = table();
    Follower follower = follow("table", table, "where", "n > 1");
    sql("insert into " + table + " values (1, 'a', 1), (2, 'b', 2)");
    sql("update " + table + " set n = 3");
    sql("update " + table + " set n = 0 where id = 2");

    List<JsonNode> changes = follower.await(4);

    assertThat(changes)
        .extracting(change -> change.path("headers").path("operation").asString())
        .containsExactly("insert", "insert", "update", "delete");
    assertThat(changes)
        .allMatch(change -> change.path("headers").path("txids").path(0).isIntegralNumber())
        .allMatch(change -> change.path("headers").path("lsn").asString("").matches("\\d+"));
    assertThat(follower.rows()).hasSize(1);
  }

  @Test
  void updateHasTheKeyAndWhatChanged() {
    String table = table();
    sql("insert into " + table + " values (1, 'a', 1)");
    Follower follower = follow("table", table);
    Follower full = follow("table", table, "replica", "full");
    sql("update " + table + " set n = 2");

    JsonNode change = follower.await(1).getFirst();
    JsonNode whole = full.await(1).getFirst();

    assertThat(change.path("value").toString()).isEqualTo("{\"id\":\"1\",\"n\":\"2\"}");
    assertThat(whole.path("value").toString()).isEqualTo("{\"id\":\"1\",\"v\":\"a\",\"n\":\"2\"}");
    assertThat(whole.path("old_value").toString()).isEqualTo("{\"n\":\"1\"}");
  }

  @Test
  void movedKeyIsADeleteAndAnInsertThatNameEachOther() {
    String table = table();
    sql("insert into " + table + " values (1, 'a', 1)");
    Follower follower = follow("table", table);
    sql("update " + table + " set id = 9");

    List<JsonNode> changes = follower.await(2);

    assertThat(changes.get(0).path("headers").path("key_change_to"))
        .isEqualTo(changes.get(1).path("key"));
    assertThat(changes.get(1).path("headers").path("key_change_from"))
        .isEqualTo(changes.get(0).path("key"));
  }

  @Test
  void truncateEndsTheHandle() {
    String table = table();
    sql("insert into " + table + " values (1, 'a', 1)");
    Reply first = client.shape("table", table, "offset", "-1");
    String handle = first.required("electric-handle");
    CompletableFuture<Reply> live =
        client.later("table", table, "offset", "0_inf", "handle", handle, "live", "true");
    sql("truncate " + table);

    assertThat(live).succeedsWithin(Duration.ofSeconds(25));
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() ->
            client.shape("table", table, "offset", "0_inf", "handle", handle).status() == 409);
    Reply anew = client.shape("table", table, "offset", "-1", "expired_handle", handle);
    assertThat(anew.required("electric-handle")).isNotEqualTo(handle);
    assertThat(changes(anew)).isEmpty();
  }

  @Test
  void subsetIsAnObjectWithRowsAndTheirVisibility() {
    String table = table();
    sql("insert into " + table + " select i, 'a', i from generate_series(1, 5) i");

    Reply subset =
        client.shape(
            "table",
            table,
            "offset",
            "now",
            "log",
            "changes_only",
            "subset__where",
            "n > 1",
            "subset__order_by",
            "id desc",
            "subset__limit",
            "2");

    assertThat(subset.status()).as(subset.body()).isEqualTo(200);
    assertThat(subset.header("electric-snapshot")).isEqualTo("true");
    assertThat(subset.json().path("data"))
        .extracting(row -> row.path("value").path("id").asString())
        .containsExactly("5", "4");
    assertThat(subset.json().path("metadata").path("database_lsn").asString()).matches("\\d+");
    assertThat(subset.json().path("metadata").path("snapshot_mark").isIntegralNumber()).isTrue();
  }

  @Test
  void whatCannotBeServedIsRefusedWithItsField() {
    String table = table();
    assertThat(client.shape("table", table).json().path("errors").path("offset").toString())
        .isEqualTo("[\"can't be blank\"]");
    assertThat(client.shape("table", table, "offset", "0_0").json().path("errors").has("handle"))
        .isTrue();
    Reply unknown = client.shape("table", "no_such_table", "offset", "-1");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.body())
        .contains("Table \\\"public\\\".\\\"no_such_table\\\" does not exist");
    assertThat(client.shape("table", table, "offset", "-1", "where", "n >").status())
        .isEqualTo(400);
    assertThat(unknown.header("cache-control")).isEqualTo("no-store");
  }
}
