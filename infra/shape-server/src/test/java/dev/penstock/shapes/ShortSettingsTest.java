package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/// The protocol under the settings that Electric's own client tests want: small chunks, short
/// caching, DELETE; and with short times for streams.
class ShortSettingsTest {
  private static final AtomicInteger NEXT = new AtomicInteger();

  private static TestShapes stack;
  private static ConfigurableApplicationContext server;
  private static ConfigurableApplicationContext another;
  private static Client client;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
    server =
        stack.server(
            Map.of(
                "lazy-discovery", true,
                "allow-delete", true,
                "chunk-bytes", 10_000,
                "max-age", "1s",
                "stale-age", "3s",
                "sse-keep-alive", "300ms",
                "sse-duration", "2s"));
    another =
        stack.server(Map.of("chunk-bytes", 10_000, "existing-requests", 1, "long-poll", "10s"));
    client = TestShapes.client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    another.close();
    stack.close();
  }

  private static String table(int rows) {
    String table = "chunky" + NEXT.incrementAndGet();
    stack.publish("(id int primary key, v text)", table);
    if (rows > 0) {
      insert(table, 1, rows);
    }
    return table;
  }

  /// Rows of about 1 kB with everything in them that could be taken for an end.
  private static void insert(String table, int from, int to) {
    stack.sql(
        "insert into %s select i, repeat('}],\\{\"', 120) || i from generate_series(%d, %d) i"
            .formatted(table, from, to));
  }

  /// Reads on from a first answer, checks each, and returns all messages.
  private static List<JsonNode> all(Client own, Reply first, String table) {
    List<JsonNode> messages = new ArrayList<>();
    Reply reply = first;
    while (true) {
      assertThat(reply.status()).as(reply.body()).isEqualTo(200);
      messages.addAll(reply.messages());
      if (reply.header("electric-up-to-date") != null) {
        return messages;
      }
      assertThat(reply.body().length()).isBetween(1_000, 12_000);
      reply =
          own.shape(
              "table",
              table,
              "offset",
              reply.required("electric-offset"),
              "handle",
              reply.required("electric-handle"));
    }
  }

  private static Set<String> ids(List<JsonNode> messages) {
    Set<String> ids = new HashSet<>();
    for (JsonNode message : messages) {
      if (message.has("key")) {
        assertThat(ids.add(message.path("value").path("id").asString())).isTrue();
      }
    }
    return ids;
  }

  @Test
  void snapshotAndLogComeInChunksWithoutLossOrRepetition() {
    String table = table(35);
    Reply first = client.shape("table", table, "offset", "-1");
    assertThat(first.header("electric-offset")).isEqualTo("0_1");
    assertThat(first.header("etag"))
        .isEqualTo("\"" + first.required("electric-handle") + ":-1:0_1\"");
    assertThat(first.body()).doesNotContain("snapshot-end");

    List<JsonNode> messages = all(client, first, table);

    assertThat(ids(messages)).hasSize(35);
    assertThat(messages.get(35).path("headers").path("control").asString())
        .isEqualTo("snapshot-end");
    insert(table, 36, 70);
    Follower follower = new Follower(client, "table", table);
    while (follower.rows().size() < 70) {
      follower.catchUp();
    }
    assertThat(follower.refetches()).isZero();
    Reply live =
        client.shape(
            "table",
            table,
            "offset",
            "0_inf",
            "handle",
            first.required("electric-handle"),
            "live",
            "true");
    assertThat(live.body().length()).isBetween(8_000, 12_000);
    assertThat(live.header("electric-up-to-date")).isNull();
    assertThat(ids(all(client, live, table))).hasSize(35);
  }

  @Test
  void chunksThatAreOnAnotherInstanceAreFetchedAnewAsOne() {
    String table = table(35);
    List<Client> both = List.of(client, TestShapes.client(another));

    Follower follower = new Follower(both, "table", table);
    follower.catchUp();

    assertThat(follower.rows()).hasSize(35);
    assertThat(follower.refetches()).isEqualTo(1);
  }

  @Test
  void catchUpIsCachedAsLongAsTheSettingsSay() {
    String table = table(0);
    String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
    assertThat(
            client.shape("table", table, "offset", "0_0", "handle", handle).header("cache-control"))
        .isEqualTo("public, max-age=1, stale-while-revalidate=3");
  }

  @Test
  void deletedShapesEndWhoeverWaits() {
    String table = table(0);
    for (List<String> named :
        List.of(List.of("table", table), List.of("handle"), List.of("table", table, "handle"))) {
      String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
      List<String> pairs = new ArrayList<>(named);
      if (pairs.contains("handle")) {
        pairs.add(handle);
      }
      CompletableFuture<Reply> live =
          client.later("table", table, "offset", "0_inf", "handle", handle, "live", "true");
      Awaitility.await().until(() -> waiting() > 0);

      Reply deleted = client.send("DELETE", Client.query(pairs.toArray(String[]::new)), null);

      assertThat(deleted.status()).as(deleted.body()).isEqualTo(202);
      assertThat(deleted.body()).isEmpty();
      assertThat(deleted.header("cache-control")).isEqualTo("no-cache");
      assertThat(live).succeedsWithin(Duration.ofSeconds(5));
      assertThat(live.join().status()).isEqualTo(409);
      assertThat(live.join().required("electric-handle")).isNotEqualTo(handle);
      assertThat(client.shape("table", table, "offset", "-1").required("electric-handle"))
          .isNotEqualTo(handle);
      Reply again = client.send("DELETE", Client.query("handle", handle), null);
      assertThat(again.status()).isEqualTo(404);
    }
  }

  private static double waiting() {
    return server
        .getBean(io.micrometer.core.instrument.MeterRegistry.class)
        .get("penstock.shapes.waiting")
        .gauge()
        .value();
  }

  @Test
  void whatCannotBeDeletedIsSaid() {
    String table = table(0);
    String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
    String other = table(0);
    Map<String, String> answers =
        Map.of(
            Client.query("x", "y"),
            "400 {\"message\":\"Invalid request\",\"errors\":{\"handle\":[\"can't be blank when shape definition is missing\"]}}",
            Client.query("handle", "1-2"),
            "404 {\"message\":\"No existing shape found\"}",
            Client.query("table", other, "handle", handle),
            "400 {\"message\":\"The specified shape definition and handle do not match. Please ensure the shape definition is correct or omit the shape handle from the request to obtain a new one.\"}");
    answers.forEach((query, answer) -> {
      Reply reply = client.send("DELETE", query, null);
      assertThat(reply.status() + " " + reply.body()).isEqualTo(answer);
    });
  }

  @Test
  void streamKeepsAliveGoesOnBehindABacklogAndEndsInTime() {
    String table = table(0);
    String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
    stack.sql("insert into " + table + " values (1, 'backlog')");
    new Follower(client, "table", table).catchUp();
    long start = System.nanoTime();
    CompletableFuture<Reply> stream = stream(table, handle, "0_inf");
    stack.sql("insert into " + table + " values (2, 'live')");

    assertThat(stream).succeedsWithin(Duration.ofSeconds(20));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
    Reply reply = stream.join();
    assertThat(reply.header("content-type")).isEqualTo("text/event-stream");
    assertThat(reply.header("cache-control")).isEqualTo("public, max-age=1");
    assertThat(reply.header("connection")).isEqualTo("keep-alive");
    assertThat(reply.required("electric-cursor")).matches("\\d+");
    assertThat(reply.header("electric-schema")).isNull();
    assertThat(reply.body()).contains("\n\n: keep-alive\n\n", "\"backlog\"", "\"live\"");
    // As a client resumes: nothing of the last transaction comes again.
    String seen =
        reply.body().replaceAll("(?s).*\"global_last_seen_lsn\":\"(\\d+)\".*", "$1") + "_0";
    Reply resumed = client.shape("table", table, "offset", seen, "handle", handle);
    assertThat(resumed.messages()).hasSize(1);
  }

  @Test
  void streamEndsWithoutAWordWhereItsShapeIsRotated() {
    String table = table(0);
    String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
    CompletableFuture<Reply> stream = stream(table, handle, "0_inf");

    stack.sql("truncate " + table);

    assertThat(stream).succeedsWithin(Duration.ofSeconds(10));
    assertThat(stream.join().body()).doesNotContain("must-refetch", "data:");
    assertThat(client.shape("table", table, "offset", "0_inf", "handle", handle).status())
        .isEqualTo(409);
  }

  private static CompletableFuture<Reply> stream(String table, String handle, String offset) {
    return client.later(
        "table",
        table,
        "offset",
        offset,
        "handle",
        handle,
        "live",
        "true",
        "experimental_live_sse",
        "true");
  }

  @Test
  void cursorIsNeverTheOneThatWasAsked() {
    String table = table(0);
    String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
    stack.sql("insert into " + table + " values (1, 'a')");
    for (String cursor : List.of("", "x", "1", "99999999999")) {
      Reply reply =
          client.shape(
              "table", table, "offset", "0_inf", "handle", handle, "live", "true", "cursor",
              cursor);
      long next = Long.parseLong(reply.required("electric-cursor"));
      if (cursor.equals("99999999999")) {
        assertThat(next).isBetween(99_999_999_999L + 1, 99_999_999_999L + 3_600);
      } else {
        // Two seconds is the long poll here.
        assertThat(next % 2).isZero();
      }
    }
  }

  @Test
  void headHasWhatGetHas() {
    String table = table(1);
    String query =
        Client.query(
            "table",
            table,
            "offset",
            "0_0",
            "handle",
            client.shape("table", table, "offset", "-1").required("electric-handle"));
    Reply get = client.get(query);
    Reply head = client.send("HEAD", query, null);
    assertThat(head.body()).isEmpty();
    for (String name :
        List.of(
            "electric-handle",
            "electric-offset",
            "electric-schema",
            "electric-has-data",
            "electric-up-to-date",
            "etag",
            "cache-control",
            "content-type",
            "access-control-allow-origin",
            "access-control-expose-headers")) {
      assertThat(head.header(name)).as(name).isNotNull().isEqualTo(get.header(name));
    }
  }

  @Test
  void bodyAndQueryOfASubsetAddUp() {
    String table = table(9);
    Reply reply =
        client.post(
            Client.query("table", table, "offset", "now", "subset__where", "id > 3")
                + "&subset__order_by=id",
            "{\"limit\":2,\"offset\":\"1\",\"where_expr\":{\"x\":1}}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.json().path("data").path(0).path("value").path("id").asString())
        .isEqualTo("5");
    assertThat(reply.json().path("data")).hasSize(2);
    assertThat(reply.header("electric-snapshot")).isEqualTo("true");
    assertThat(reply.header("electric-has-data")).isNull();
    Reply plain = client.post(Client.query("table", table, "offset", "now"), "");
    assertThat(plain.messages()).hasSize(1);
    assertThat(plain.header("cache-control")).isEqualTo("no-cache");
  }

  @Test
  void moreRequestsThanAllowedAreSentAway() {
    String table = table(0);
    Client limited = TestShapes.client(another);
    String handle = limited.shape("table", table, "offset", "-1").required("electric-handle");
    CompletableFuture<Reply> held =
        limited.later("table", table, "offset", "0_inf", "handle", handle, "live", "true");
    var inside =
        another
            .getBean(io.micrometer.core.instrument.MeterRegistry.class)
            .get("penstock.shapes.requests")
            .tag("kind", "existing")
            .gauge();
    Awaitility.await().until(() -> inside.value() == 1);

    Reply refused = limited.shape("table", table, "offset", "0_0", "handle", handle);

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.body())
        .isEqualTo(
            "{\"code\":\"concurrent_request_limit_exceeded\",\"message\":\"Concurrent existing request limit exceeded (limit: 1), please retry\"}");
    assertThat(Integer.parseInt(refused.required("retry-after"))).isBetween(6, 10);
    assertThat(refused.header("electric-internal-known-error")).isEqualTo("true");
    assertThat(refused.header("cache-control")).isEqualTo("no-store");
    stack.sql("insert into " + table + " values (1, 'a')");
    assertThat(held.join().status()).isEqualTo(200);
  }
}
