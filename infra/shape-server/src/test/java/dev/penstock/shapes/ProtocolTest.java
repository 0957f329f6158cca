package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

class ProtocolTest {
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final String UP_TO_DATE =
      "\\{\"headers\":\\{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"\\d+\"}}";

  private static TestShapes stack;
  private static ConfigurableApplicationContext server;
  private static Client client;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
    server = stack.server(Map.of());
    client = TestShapes.client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    stack.close();
  }

  private static String table() {
    String table = "foo" + NEXT.incrementAndGet();
    stack.publish("(id int primary key, v text)", table);
    return table;
  }

  @Test
  void firstRequestAnswersRowsAndTheEndOfTheSnapshotToTheByte() {
    String table = table();
    stack.sql("insert into " + table + " values (1, 'a')");

    Reply reply = client.shape("table", table, "offset", "-1");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body())
        .matches(
            "\\[\\{\"key\":\"\\\\\"public\\\\\"\\.\\\\\""
                + table
                + "\\\\\"/\\\\\"1\\\\\"\",\"value\":\\{\"id\":\"1\",\"v\":\"a\"},\"headers\":\\{\"relation\":\\[\"public\",\""
                + table
                + "\"],\"operation\":\"insert\"}},\\{\"headers\":\\{\"control\":\"snapshot-end\",\"xip_list\":\\[.*],\"xmax\":\"\\d+\",\"xmin\":\"\\d+\"}}]");
    String handle = reply.required("electric-handle");
    assertThat(reply.header("electric-offset")).isEqualTo("0_0");
    assertThat(reply.header("electric-has-data")).isEqualTo("true");
    assertThat(reply.header("electric-schema"))
        .isEqualTo(
            "{\"id\":{\"type\":\"int4\",\"not_null\":true,\"pk_index\":0},\"v\":{\"type\":\"text\"}}");
    assertThat(reply.header("cache-control"))
        .isEqualTo("public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746");
    assertThat(reply.header("etag")).isEqualTo("\"" + handle + ":-1:0_0\"");
    assertThat(reply.header("content-type")).isEqualTo("application/json; charset=utf-8");
    assertThat(reply.header("electric-up-to-date")).isNull();
    assertThat(reply.header("electric-cursor")).isNull();
  }

  @Test
  void emptyShapeIsUpToDateAtTheSecondRequest() {
    String table = table();
    Reply first = client.shape("table", table, "offset", "-1");
    assertThat(first.messages()).hasSize(1);

    Reply second =
        client.shape("table", table, "offset", "0_0", "handle", first.required("electric-handle"));

    assertThat(second.body()).matches("\\[" + UP_TO_DATE + "]");
    assertThat(second.header("electric-offset")).isEqualTo("0_inf");
    assertThat(second.header("electric-up-to-date")).isEmpty();
    assertThat(second.header("electric-schema")).isNotNull();
    assertThat(second.header("cache-control"))
        .isEqualTo("public, max-age=60, stale-while-revalidate=300");
  }

  @Test
  void liveRequestIsReleasedByTheWholeTransaction() {
    String table = table();
    Reply first = client.shape("table", table, "offset", "-1");
    String handle = first.required("electric-handle");
    CompletableFuture<Reply> live =
        client.later("table", table, "offset", "0_inf", "handle", handle, "live", "true");

    long txid =
        stack.transaction(
            "insert into " + table + " values (2, 'b')",
            "insert into conversations values (gen_random_uuid(), 'o', 't')",
            "insert into " + table + " values (3, null)");

    assertThat(live).succeedsWithin(Duration.ofSeconds(5));
    Reply reply = live.join();
    assertThat(reply.body())
        .matches(
            "\\[\\{\"value\":\\{\"id\":\"2\",\"v\":\"b\"},\"key\":\"\\\\\"public\\\\\"\\.\\\\\"%1$s\\\\\"/\\\\\"2\\\\\"\",\"headers\":\\{\"relation\":\\[\"public\",\"%1$s\"],\"operation\":\"insert\",\"lsn\":\"(\\d+)\",\"op_position\":0,\"txids\":\\[%2$d]}},\\{\"value\":\\{\"id\":\"3\",\"v\":null},\"key\":\"\\\\\"public\\\\\"\\.\\\\\"%1$s\\\\\"/\\\\\"3\\\\\"\",\"headers\":\\{\"last\":true,\"relation\":\\[\"public\",\"%1$s\"],\"operation\":\"insert\",\"lsn\":\"\\1\",\"op_position\":4,\"txids\":\\[%2$d]}},%3$s]"
                .formatted(table, txid, UP_TO_DATE));
    assertThat(reply.required("electric-offset")).endsWith("_4");
    assertThat(Long.parseLong(reply.required("electric-cursor"))).isPositive();
    assertThat(reply.header("electric-schema")).isNull();
    assertThat(reply.header("cache-control"))
        .isEqualTo("public, max-age=5, stale-while-revalidate=5");
  }

  @Test
  void liveRequestWithoutNewsEndsUpToDate() {
    String table = table();
    Reply first = client.shape("table", table, "offset", "-1");

    Reply live =
        client.shape(
            "table",
            table,
            "offset",
            "0_inf",
            "live",
            "true",
            "cursor",
            "",
            "handle",
            first.required("electric-handle"));

    assertThat(live.status()).isEqualTo(200);
    assertThat(live.body()).matches("\\[" + UP_TO_DATE + "]");
    assertThat(live.header("electric-has-data")).isEqualTo("false");
    assertThat(live.header("electric-up-to-date")).isEmpty();
    assertThat(live.required("etag")).matches("\"[^:]+:0_inf:0_inf:\\d+\"");
  }

  @Test
  void updatesAndDeletesFollowTheReplicaMode() {
    String table = table();
    stack.sql("insert into " + table + " values (1, 'a'), (2, 'b')");
    Follower byDefault = new Follower(client, "table", table);
    Follower full = new Follower(client, "table", table, "replica", "full");
    byDefault.catchUp();
    full.catchUp();

    stack.transaction(
        "update " + table + " set v = 'c' where id = 1", "delete from " + table + " where id = 2");

    assertThat(byDefault.await(2).stream().map(m -> m.path("value").toString()))
        .containsExactly("{\"id\":\"1\",\"v\":\"c\"}", "{\"id\":\"2\"}");
    List<JsonNode> whole = full.await(2);
    assertThat(whole.getFirst().path("old_value").toString()).isEqualTo("{\"v\":\"a\"}");
    assertThat(whole.getLast().path("value").toString()).isEqualTo("{\"id\":\"2\",\"v\":\"b\"}");
  }

  @Test
  void movedKeyIsADeleteAndAnInsert() {
    String table = table();
    stack.sql("insert into " + table + " values (1, 'a')");
    Follower follower = new Follower(client, "table", table);
    follower.catchUp();

    stack.sql("update " + table + " set id = 7 where id = 1");

    List<JsonNode> moved = follower.await(2);
    JsonNode from = moved.getFirst();
    JsonNode to = moved.getLast();
    assertThat(from.path("headers").path("operation").asString()).isEqualTo("delete");
    assertThat(from.path("headers").path("key_change_to")).isEqualTo(to.path("key"));
    assertThat(from.path("headers").has("last")).isFalse();
    assertThat(to.path("headers").path("key_change_from")).isEqualTo(from.path("key"));
    assertThat(to.path("headers").path("last").asBoolean()).isTrue();
    assertThat(to.path("headers").path("op_position").asInt()).isEqualTo(1);
    assertThat(to.path("value").toString()).isEqualTo("{\"id\":\"7\",\"v\":\"a\"}");
  }

  @Test
  void rowsEnterAndLeaveByTheFilter() {
    String table = table();
    stack.sql("insert into " + table + " values (1, 'in'), (2, 'out'), (3, null)");
    Follower follower = new Follower(client, "table", table, "where", "v = $1", "params[1]", "in");
    assertThat(follower.catchUp()).hasSize(1);

    stack.transaction(
        "update " + table + " set v = 'in' where id = 2",
        "update " + table + " set v = 'out' where id = 1",
        "update " + table + " set v = 'other' where id = 3");

    assertThat(follower.await(2).stream().map(m -> m.path("headers").path("operation").asString()))
        .containsExactly("insert", "delete");
  }

  @Test
  void valueOfAParameterIsNeverSql() {
    String table = table();
    stack.sql("insert into " + table + " values (1, 'a')");

    Reply reply =
        client.shape("table", table, "offset", "-1", "where", "v = $1", "params[1]", "'x' OR TRUE");

    assertThat(reply.messages()).hasSize(1);
  }

  @Test
  void truncateAndAlterRotateTheHandle() {
    for (String ddl : List.of("truncate %s", "alter table %s add column w int")) {
      String table = table();
      stack.sql("insert into " + table + " values (1, 'a')");
      String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
      CompletableFuture<Reply> live =
          client.later("table", table, "offset", "0_inf", "handle", handle, "live", "true");

      stack.sql(ddl.formatted(table));

      assertThat(live).succeedsWithin(Duration.ofSeconds(5));
      assertThat(live.join().status()).isEqualTo(409);
      assertThat(live.join().body()).isEqualTo("[{\"headers\":{\"control\":\"must-refetch\"}}]");
      String fresh = live.join().required("electric-handle");
      assertThat(fresh).isNotEqualTo(handle);
      assertThat(live.join().header("cache-control"))
          .isEqualTo("public, max-age=60, must-revalidate");
      assertThat(live.join().header("etag")).isEqualTo("\"" + fresh + "::\"");
      Reply again = client.shape("table", table, "offset", "-1", "handle", fresh);
      assertThat(again.status()).isEqualTo(200);
      assertThat(again.required("electric-handle")).isNotIn(handle, fresh);
    }
  }

  @Test
  void unknownAndForeignHandlesAreAnsweredWithANewOne() {
    String table = table();
    String other = table();
    String foreign = client.shape("table", other, "offset", "-1").required("electric-handle");
    for (String handle : List.of("123-456", foreign, foreign.substring(1))) {
      Reply reply = client.shape("table", table, "offset", "0_inf", "handle", handle);
      assertThat(reply.status()).isEqualTo(409);
      assertThat(reply.header("electric-handle")).isNotNull().isNotEqualTo(handle);
    }
  }

  @Test
  void unchangedAnswersAreNotRepeated() {
    String table = table();
    Reply first = client.shape("table", table, "offset", "-1");
    String query =
        Client.query("table", table, "offset", "0_0", "handle", first.required("electric-handle"));
    String etag = client.get(query).required("etag");

    Reply again = client.get(query, "if-none-match", "\"x\", " + etag);

    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.header("electric-handle")).isNotNull();
    assertThat(again.header("electric-schema")).isNull();
  }

  @Test
  void nowStartsAtTheEnd() {
    String table = table();
    stack.sql("insert into " + table + " values (1, 'a')");

    Reply now = client.shape("table", table, "offset", "now", "log", "changes_only");

    assertThat(now.body()).matches("\\[" + UP_TO_DATE + "]");
    assertThat(now.header("electric-has-data")).isEqualTo("false");
    assertThat(now.required("electric-offset")).isEqualTo("0_inf");
    assertThat(now.header("electric-up-to-date")).isEmpty();
  }

  @Test
  void subsetsByGetAndPostAreTheSame() {
    String table = table();
    stack.sql("insert into " + table + " values (1, 'a'), (2, 'b'), (3, 'c')");
    String base = Client.query("table", table, "offset", "now", "log", "changes_only");

    Reply get =
        client.get(
            base
                + "&subset__where=id%20%3E%20%241&subset__params=%7B%221%22%3A%221%22%7D"
                + "&subset__limit=1&subset__order_by=%22id%22%20DESC");
    Reply post =
        client.post(
            base,
            "{\"where\":\"id > $1\",\"params\":{\"1\":1},\"limit\":1,\"order_by\":\"id desc nulls last\","
                + "\"table\":\"conversations\"}");

    for (Reply reply : List.of(get, post)) {
      assertThat(reply.status()).as(reply.body()).isEqualTo(200);
      JsonNode metadata = reply.json().path("metadata");
      assertThat(metadata.path("database_lsn").asString()).matches("\\d+");
      assertThat(metadata.path("xmin").asString()).matches("\\d+");
      assertThat(metadata.path("xip_list").isArray()).isTrue();
      JsonNode row = reply.json().path("data").path(0);
      assertThat(reply.json().path("data")).hasSize(1);
      assertThat(row.path("value").path("id").asString()).isEqualTo("3");
      assertThat(row.path("headers").path("snapshot_mark"))
          .isEqualTo(metadata.path("snapshot_mark"));
      assertThat(reply.header("electric-snapshot")).isEqualTo("true");
      assertThat(reply.header("cache-control")).isEqualTo("no-cache");
      assertThat(reply.header("etag")).isNull();
      assertThat(reply.header("electric-handle")).isNotNull();
      assertThat(reply.header("electric-schema")).isNotNull();
      assertThat(reply.header("electric-offset")).isEqualTo("0_inf");
    }
  }

  @Test
  void eventsComeInBurstsThatEndUpToDate() {
    String table = table();
    String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
    List<String> lines =
        EventLines.follow(
            client.base()
                + Client.query(
                    "table",
                    table,
                    "offset",
                    "0_inf",
                    "handle",
                    handle,
                    "live",
                    "true",
                    "live_sse",
                    "true"));

    stack.transaction(
        "insert into " + table + " values (1, 'a')",
        "insert into " + table + " values (2, '}\"{')");

    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> lines.stream().filter(l -> l.startsWith("data: ")).count() == 3);
    List<JsonNode> events =
        lines.stream()
            .filter(line -> line.startsWith("data: "))
            .map(line -> Client.JSON.readTree(line.substring(6)))
            .toList();
    assertThat(events.get(1).path("value").path("v").asString()).isEqualTo("}\"{");
    assertThat(events.get(2).path("headers").path("global_last_seen_lsn"))
        .isEqualTo(events.get(1).path("headers").path("lsn"));
  }

  @Test
  void headHasTheHeadersOfGetAndNoBody() {
    String table = table();
    Reply head = client.send("HEAD", Client.query("table", table, "offset", "-1"), null);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.header("electric-handle")).isNotNull();
    assertThat(head.header("electric-schema")).isNotNull();
  }

  @Test
  void otherRoutesAnswerAsElectricDoes() {
    assertThat(client.get("/").status()).isEqualTo(200);
    assertThat(client.get("/").body()).isEmpty();
    assertThat(client.get("/nowhere").status()).isEqualTo(404);
    assertThat(client.get("/nowhere").body()).isEqualTo("Not found");
    assertThat(client.get("/v1/health").body()).isEqualTo("{\"status\":\"active\"}");
    assertThat(client.get("/v1//%73hape/").status()).isEqualTo(400);
    assertThat(client.send("DELETE", "/v1/shape?table=foo", null).status()).isEqualTo(405);
    Reply options =
        client.send(
            "OPTIONS",
            "/v1/shape",
            null,
            "Access-Control-Request-Headers",
            "authorization, If-None-Match",
            "Origin",
            "http://a.b");
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("access-control-max-age")).isEqualTo("86400");
    assertThat(options.header("access-control-allow-origin")).isEqualTo("http://a.b");
    assertThat(options.header("access-control-allow-headers")).isEqualTo("if-none-match");
    assertThat(options.header("access-control-allow-methods"))
        .isEqualTo("GET, POST, HEAD, DELETE, OPTIONS");
    assertThat(options.header("cache-control")).isNull();
  }

  @Test
  void valuesAreTheSameInSnapshotAndLog() {
    String table = "types" + NEXT.incrementAndGet();
    stack.sql("create type mood" + table + " as enum ('happy', 'it''s \"x\"')");
    stack.publish(
        "(id int8 primary key, b bytea, ts timestamptz, t timestamp, d date, f float8, g float4,"
            + " n numeric(10,3), i interval, j jsonb, k json, a int[], s text[], c char(5), m mood"
            + table
            + ", u uuid, v varchar(9), tt time, ba bool[])",
        table);
    String row =
        "%d, '\\x0001fffe', '2026-11-22 08:16:34.120+00', '2026-11-22 08:16:34.5', '2026-02-01',"
            + " 'Infinity', 1.1, 1.5, '1 day 2 hours', '{\"foo\":\"bar\"}', '{\"a\" : 1}', '{1,2,3}',"
            + " '{\"a b\",NULL}', 'ab', 'it''s \"x\"', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', E'\\t\\u0001é', '10:00', '{t,f}'";
    stack.sql("insert into " + table + " values (" + row.formatted(1) + ")");
    Follower follower = new Follower(client, "table", table);
    JsonNode snapshot = follower.catchUp().getFirst().path("value");

    stack.sql("insert into " + table + " values (" + row.formatted(2) + ")");

    JsonNode live = follower.await(1).getFirst().path("value");
    assertThat(live.toString().replace("\"id\":\"2\"", "\"id\":\"1\""))
        .isEqualTo(snapshot.toString());
    assertThat(snapshot.path("b").asString()).isEqualTo("\\x0001fffe");
    assertThat(snapshot.path("ts").asString()).isEqualTo("2026-11-22 08:16:34.12+00");
    assertThat(snapshot.path("i").asString()).isEqualTo("P1DT2H");
    assertThat(snapshot.path("d").asString()).isEqualTo("2026-02-01");
    assertThat(snapshot.path("c").asString()).isEqualTo("ab   ");
    assertThat(snapshot.path("g").asString()).isEqualTo("1.1");
    assertThat(snapshot.path("v").asString()).isEqualTo("\t\u0001é");
    JsonNode schema =
        Client.JSON.readTree(
            client.shape("table", table, "offset", "-1").required("electric-schema"));
    assertThat(schema.path("a").toString()).isEqualTo("{\"type\":\"int4\",\"dims\":1}");
    assertThat(schema.path("n").toString())
        .isEqualTo("{\"type\":\"numeric\",\"precision\":10,\"scale\":3}");
    assertThat(schema.path("v").toString()).isEqualTo("{\"type\":\"varchar\",\"max_length\":9}");
    assertThat(schema.path("c").toString()).isEqualTo("{\"type\":\"bpchar\",\"length\":5}");
    assertThat(schema.path("m").path("type").asString()).isEqualTo("mood" + table);
  }

  @Test
  void datesUpToTheLastOneAreCompared() {
    String table = "dates" + NEXT.incrementAndGet();
    stack.publish("(id int primary key, d date, t timestamp)", table);
    stack.sql("insert into " + table + " values (1, '5874897-12-31', '294276-12-31 23:59:59')");
    String filter = "d > '5000000-01-01' and t > '294276-01-01'";
    Follower follower = new Follower(client, "table", table, "where", filter);
    assertThat(follower.catchUp()).hasSize(1);

    stack.sql(
        "insert into "
            + table
            + " values (2, '5000000-01-02', '294276-12-31'), (3, '4999999-12-31', now())");

    assertThat(follower.await(1)).hasSize(1);
    assertThat(client.get("/v1/health").status()).isEqualTo(200);
  }

  @Test
  void booleansAreWordsInTheSnapshotAndLettersInTheLog() {
    String table = "flags" + NEXT.incrementAndGet();
    stack.publish("(id int primary key, f bool)", table);
    stack.sql("insert into " + table + " values (1, true)");
    Follower follower = new Follower(client, "table", table, "where", "f");
    assertThat(follower.catchUp().getFirst().path("value").path("f").asString()).isEqualTo("true");

    stack.sql("insert into " + table + " values (2, true), (3, false)");

    assertThat(follower.await(1).getFirst().path("value").path("f").asString()).isEqualTo("t");
  }
}
