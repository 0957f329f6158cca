package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/// Nothing malformed is answered with 5xx, with rows, or late.
class MalformedRequestsTest {
  private static final String TABLE = "table=conversations";

  private static final List<String> OFFSETS =
      List.of(
          "",
          "x",
          "-2",
          "1",
          "1_",
          "_1",
          "1_1_1",
          "-1 ",
          " -1",
          "0_-1",
          "-1_0",
          "1_x",
          "now ",
          "NOW",
          "inf",
          "0_INF",
          "99999999999999999999999_0",
          "0_9999999999999999999999",
          "1_1\n");

  private static final List<String> WHERES =
      List.of(
          "1 x 1",
          "id =",
          "(",
          ")",
          "id = $1",
          "id = 'x'",
          "nope = 1",
          "owner = 1",
          "owner",
          "1",
          "'a'",
          "id = 1; drop table x",
          "id = 1 -- x",
          "id /* */ = 1",
          "select 1",
          "id in (select id from conversations)",
          "exists (select 1)",
          "pg_sleep(10) is null",
          "now() > created_at",
          "owner ~ 'x'",
          "owner similar to 'x'",
          "owner = E'x'",
          "owner = U&'x'",
          "owner = `x`",
          "owner like 'x\\'",
          "owner like 'x' escape '!!'",
          "owner = ?",
          "owner = :x",
          "owner = $0",
          "owner = $2",
          "created_at > 'yesterday'",
          "created_at > '2026-13-01'",
          "owner = ANY('{')",
          "owner = ANY('x')",
          "owner = ANY($1)",
          "owner = all('{a')",
          "id = all('{a}')",
          "owner || 'x'",
          "created_at || id = 'y'",
          "random() < 1",
          "current_user = owner",
          "user = owner",
          "created_at > current_timestamp",
          "created_at + '1 fortnight' > created_at",
          "created_at * 2 = created_at",
          "owner ^ 2 = 4",
          "owner[1] = 'x'",
          "length(owner) / 'x' = 1",
          "owner = 1::text::date::text",
          "not " + "not ".repeat(3_000) + "true",
          "1" + " + 1".repeat(5_000) + " = 1",
          "(lower((owner || ".repeat(60) + "owner" + ")))".repeat(60) + " = 'x'",
          "owner between ".repeat(100) + "1",
          "owner = 'a' limit 1",
          "owner = 'a' order by 1",
          "case when true then true end",
          "owner = \"x",
          "owner = 'x",
          "conversations.owner = 'x'",
          "owner = owner::uuid",
          "id = owner",
          "owner is",
          "not",
          "and",
          "a = b = c",
          "owner = 'a' union select 1",
          "(owner, id) = ('a', 'b')",
          "owner <=> 'a'",
          "owner == 'a'",
          "owner(+) = 'a'",
          "true = 1",
          "id > 5",
          "((".repeat(100) + "true" + "))".repeat(100),
          "owner = '" + "x".repeat(70_000) + "'",
          "owner = 'a' and".repeat(50));

  private static final List<String> TABLES =
      List.of(
          "",
          "nope",
          "\"\"",
          "a.b.c",
          "\"x",
          "x y",
          "1x",
          "commands",
          "pg_catalog.pg_class",
          "information_schema.tables",
          "x".repeat(64),
          "conversations;",
          "Conversations x",
          "public.",
          ".conversations",
          "\"Conversations\"",
          "public.\"\"",
          "conversations--");

  private static final List<String> COLUMNS =
      List.of("title", "id,nope", "id,", ",id", "\"id", "id;title", "*", "id,\"\"", "count(*)");

  private static TestShapes stack;
  private static ConfigurableApplicationContext server;
  private static Client client;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
    server = stack.server(Map.of("secret", "s3cret", "initial-requests", 50));
    client = TestShapes.client(server);
    stack.sql("insert into conversations values (gen_random_uuid(), 'o', 'secret row')");
  }

  @AfterAll
  static void stop() {
    server.close();
    stack.close();
  }

  @Test
  void everyMalformedRequestIsRefusedWithAReason() {
    List<String> queries = new ArrayList<>();
    for (String offset : OFFSETS) {
      queries.add(TABLE + "&handle=h&offset=" + enc(offset));
    }
    for (String where : WHERES) {
      queries.add(TABLE + "&offset=-1&where=" + enc(where));
      queries.add(TABLE + "&offset=-1&subset__where=" + enc(where));
    }
    for (String table : TABLES) {
      queries.add("offset=-1&table=" + enc(table));
    }
    for (String columns : COLUMNS) {
      queries.add(TABLE + "&offset=-1&columns=" + enc(columns));
      queries.add(TABLE + "&offset=-1&queryable_columns=" + enc(columns));
    }
    queries.addAll(
        List.of(
            TABLE,
            "offset=-1",
            TABLE + "&offset=-1&live=true",
            TABLE + "&offset=-1&live",
            TABLE + "&offset=now&live=1",
            TABLE + "&offset=0_0",
            TABLE + "&offset=0_0&handle=",
            TABLE + "&offset=0_0&handle=h&live_sse=true",
            TABLE + "&offset=-1&replica=x",
            TABLE + "&offset=-1&log=x",
            TABLE + "&offset=-1&params[x]=1",
            TABLE + "&offset=-1&params[2]=1",
            TABLE + "&offset=-1&params[]=1",
            TABLE + "&offset=-1&params[-1]=1",
            TABLE + "&offset=-1&params[0]=1",
            TABLE + "&offset=-1&columns=id,title&queryable_columns=id",
            TABLE + "&offset=-1&subset__limit=1",
            TABLE + "&offset=-1&subset__limit=x&subset__order_by=id",
            TABLE + "&offset=-1&subset__limit=0&subset__order_by=id",
            TABLE + "&offset=-1&subset__limit=-1&subset__order_by=id",
            TABLE + "&offset=-1&subset__offset=-1&subset__order_by=id",
            TABLE + "&offset=-1&subset__order_by=id%3B",
            TABLE + "&offset=-1&subset__order_by=lower(id)",
            TABLE + "&offset=-1&subset__order_by=nope",
            TABLE + "&offset=-1&subset__order_by=id%20sideways",
            TABLE + "&offset=-1&subset__order_by=1",
            TABLE + "&offset=-1&subset__order_by=id%20nulls",
            TABLE + "&offset=-1&subset__where=1%20x",
            TABLE + "&offset=-1&subset__where=owner%20%3D%20%241",
            TABLE + "&offset=-1&subset__where=true&subset__params=x",
            TABLE + "&offset=-1&subset__where=true&subset__params=[]",
            TABLE + "&offset=-1&subset__where=true&subset__params=%7B%22a%22%3A1%7D",
            TABLE + "&offset=-1&subset__where=title%3D%27a%27&queryable_columns=id",
            TABLE + "&offset=-1&subset__order_by=title&queryable_columns=id",
            TABLE + "&offset=-1&where=%zz",
            TABLE + "&offset=-1&where=%",
            TABLE + "&offset=-1&where=%ff",
            TABLE + "&offset=-1&where=owner%3D%241&params[1]=%00",
            TABLE + "&offset=-1&where=owner%20%3D%20%27%00%27"));

    for (String query : queries) {
      Reply reply = client.get("/v1/shape?secret=s3cret&" + raw(query));
      assertThat(reply.status()).as("%s -> %s", query, reply.body()).isBetween(400, 414);
      assertThat(reply.body())
          .as(query)
          .startsWith("{\"")
          .doesNotContain("secret row", "Exception");
      assertThat(reply.header("cache-control")).as(query).isEqualTo("no-store");
      assertThat(reply.header("access-control-allow-origin")).as(query).isEqualTo("*");
    }
    assertThat(queries).hasSizeGreaterThan(200);
  }

  @Test
  void malformedBodiesAreRefusedAndCannotWidenTheShape() {
    String query = "/v1/shape?secret=s3cret&offset=now&where=false&" + TABLE;
    for (String body :
        List.of(
            "x",
            "[]",
            "1",
            "\"a\"",
            "{",
            "{\"where\":{}}",
            "{\"where\":1}",
            "{\"limit\":1}",
            "{\"where\":\"true\",\"params\":[1]}",
            "{\"where\":\"owner = $1\",\"params\":{\"1\":null}}",
            "{\"where\":\"owner = $1\",\"params\":{\"1\":\"\\u0000\"}}",
            "{\"order_by\":[1]}")) {
      refused(query, body);
    }
    // Every clause once more, where a URL has no room for it.
    for (String where : WHERES) {
      refused(query, Client.JSON.writeValueAsString(Map.of("where", where)));
      refused(query, Client.JSON.writeValueAsString(Map.of("subset", Map.of("where", where))));
    }
    Reply wide = client.post(query, "{\"where\":\"true) or (true\",\"table\":\"messages\"}");
    assertThat(wide.status()).isEqualTo(400);
    Reply narrowed =
        client.post(
            query,
            "{\"where\":\"true or true\",\"table\":\"messages\",\"params\":{},\"columns\":\"id\"}");
    assertThat(narrowed.status()).isEqualTo(200);
    assertThat(narrowed.json().path("data")).isEmpty();
    Reply large = client.post(query, "{\"where\":\"" + "x".repeat(8_100_000) + "\"}");
    assertThat(large.status()).isEqualTo(413);
  }

  private static void refused(String query, String body) {
    Reply reply = client.post(query, body);
    assertThat(reply.status()).as("%s -> %s", body, reply.body()).isEqualTo(400);
    assertThat(reply.body()).as(body).startsWith("{\"").doesNotContain("secret row", "Exception");
    assertThat(reply.header("cache-control")).isEqualTo("no-cache");
  }

  @Test
  void withoutTheSecretNothingIsAnswered() {
    for (String query :
        List.of("", "&secret=", "&secret=x", "&api_secret=s3cre", "&secret=s3cret%20")) {
      Reply reply = client.get("/v1/shape?offset=-1&" + TABLE + query);
      assertThat(reply.status()).isEqualTo(401);
      assertThat(reply.body()).isEqualTo("{\"message\":\"Unauthorized - Invalid API secret\"}");
      assertThat(reply.header("access-control-allow-origin")).isNull();
    }
    assertThat(client.get("/v1/shape?api_secret=s3cret&offset=-1&" + TABLE).status())
        .isEqualTo(200);
  }

  @Test
  void randomBytesAreNeverAnsweredWithAServerError() {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    String alphabet = "aid=<>$1'\"(),;%_ \\{}[]:|&-+*/NOTINANDORnullé\u0001";
    for (int i = 0; i < 300; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(20); n >= 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String name =
          List.of("where", "table", "columns", "offset", "handle", "subset__order_by").get(i % 6);
      Reply reply =
          client.get(
              "/v1/shape?secret=s3cret&"
                  + (name.equals("table") ? "" : TABLE + "&")
                  + (name.equals("offset")
                      ? ""
                      : "offset=" + (name.equals("handle") ? "0_0&" : "-1&"))
                  + name
                  + "="
                  + enc(text.toString()));
      assertThat(reply.status())
          .as("seed %d: %s=%s -> %s", seed, name, text, reply.body())
          .isLessThan(500);
    }
  }

  private static String enc(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /// What java.net.URI would not take.
  private static String raw(String query) {
    return query
        .replace("[", "%5B")
        .replace("]", "%5D")
        .replace("%zz", "%25zz")
        .replaceAll("%$", "%25");
  }
}
