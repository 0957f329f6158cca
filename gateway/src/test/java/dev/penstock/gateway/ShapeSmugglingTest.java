package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// No request gets more to the upstream than the token's shape, narrowed.
class ShapeSmugglingTest {
  private static final TestGateway GATEWAY = new TestGateway();
  private static final UUID CONVERSATION = GATEWAY.conversation("alice");
  private static final String TOKEN = GATEWAY.shapeToken("alice", "messages", CONVERSATION);
  private static final Set<String> PROTOCOL =
      Set.of(
          "live live_sse experimental_live_sse handle offset cursor expired_handle log subset__where"
              .concat(" subset__limit subset__offset subset__order_by subset__params")
              .concat(" subset__where_expr subset__order_by_expr cache-buster")
              .split(" "));
  private static final Set<String> BODY = Set.of("where", "params", "limit", "offset", "order_by");

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  @BeforeEach
  void forget() {
    GATEWAY.shapes.answerAsLive();
  }

  static List<String> passing() {
    return List.of(
        "/shape",
        "/shape?",
        "/shape?offset=-1",
        "/%73hape?offset=-1",
        "/shape?offset=-1&log=full&live",
        "/shape?offset=0_0&handle=54321-1763&live=true&cursor=",
        "/shape?offset=0_0&handle=h&live=true&live_sse=true&experimental_live_sse=true&cursor=9",
        "/shape?offset=-1&expired_handle=h&cache-buster=1763-ab",
        "/shape?offset=-1&secret=guessed",
        "/shape?offset=-1&secret=a&secret=b&api_secret=c",
        "/shape?offset=-1&source_id=other&experimental_compaction=true",
        "/shape?offset=-1&database_id=other&token=t&conversation_id=anything",
        "/shape?offset=-1&TABLE=commands&Where=true",
        "/shape?offset=-1&table[]=commands&table%00=commands".replace("%00", "%20"),
        "/shape?offset=-1&%20table=commands",
        "/shape?offset=-1&where%5B1%5D=true",
        "/shape?offset=-1&%2574able=commands",
        "/shape?offset=-1%26table%3Dcommands",
        "/shape?offset=-1%23&handle=%26where=true",
        "/shape?handle=x%3Ftable%3Dcommands&offset=0_0",
        "/shape?offset=-1;table=commands",
        "/shape?offset=-1&subset__where=(true)%20or%20(true)&subset__limit=1",
        "/shape?offset=-1&subset__where=true&subset__order_by=%22id%22%20DESC%20NULLS%20LAST,role",
        "/shape?offset=-1&subset__params=%7B%221%22%3A%22x%22%7D",
        "/shape?offset=-1&subset__where=a%0Ab",
        "/shape?offset=-1&subset__table=commands&subset__columns=owner",
        "/shape?offset=-1&subset__where_expr=%7B%7D&subset__order_by_expr=%5B%5D",
        "/shape?offset=-1&table=messages",
        "/shape?offset=-1&where=conversation_id+%3D+%241&params%5B1%5D=" + CONVERSATION,
        "/shape?offset=-1&replica=default",
        "/shape?&&&offset=-1&&",
        "/shape?=x&offset=-1",
        "/shape?offset=-1&__proto__=x&constructor=y",
        "/shape?offset=-1&paramsx=1&tables=commands");
  }

  @ParameterizedTest
  @MethodSource("passing")
  void whatPassesIsTheTokensShape(String target) {
    RawHttp.Answer answer = get(target, "");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(GATEWAY.shapes.received())
        .hasSize(1)
        .allSatisfy(ShapeSmugglingTest::isTheTokensShape);
  }

  @ParameterizedTest
  @CsvSource({
    "/shape?table=commands, 403",
    "/shape?table=conversations&offset=-1, 403",
    "/shape?table=, 403",
    "/shape?t%61ble=commands, 403",
    "/shape?table=messages&table=commands, 403",
    "/shape?table=commands&table=messages, 403",
    "/shape?table=Messages, 403",
    "/shape?table=public.commands, 403",
    "/shape?where=true, 403",
    "/shape?where=conversation_id%20%3D%20%241%20or%20true, 403",
    "/shape?where=, 403",
    "/shape?columns=id, 403",
    "/shape?columns=*, 403",
    "/shape?queryable_columns=owner, 403",
    "/shape?replica=full, 403",
    "/shape?params[1]=x, 403",
    "/shape?params%5B1%5D=0b0d5e0a-7a53-4e2f-9d0e-6d4b6f0d6a11, 403",
    "/shape?params%5B2%5D=x, 403",
    "/shape?params%5B01%5D=x, 403",
    "/shape?params=%7B%221%22:%22x%22%7D, 403",
    "/shape?offset=-1&offset=0_0, 400",
    "/shape?offset=-1&%6Fffset=0_0, 400",
    "/shape?handle=a&handle=a, 400",
    "/shape?live=true&live=false, 400",
    "/shape?subset__where=a&subset__where=b, 400",
    "/shape?cursor=1&cursor, 400",
    "/shape?offset=%zz, 400",
    "/shape?offset=%, 400",
    "/shape?offset=%4, 400",
    "/shape?offset=%FF%FE, 400",
    "/shape?offset=%C0%AFx, 400",
    "/shape?offset=%ED%A0%80, 400",
    "/shape?offset=-1%00, 400",
    "/shape?offset=-1%0D%0AX-Injected:%20x, 400",
    "/shape?%0D%0A=x, 400",
    "/shape?offset=-1%1B, 400",
    "/shape?subset__where=true)%20or%20(true, 400",
    "/shape?subset__where=true%20--, 400",
    "/shape?subset__where=exists(select%201), 400",
    "/shape?subset__where=true&subset__order_by=(table%20commands), 400",
    "/shape?subset__limit=1;x, 400",
    "/shape?subset__offset=-1, 400",
    "//shape?offset=-1, 400",
    "/shape/?offset=-1, 401",
    "/shape/..;/shape?offset=-1, 400",
    "/x/../shape?offset=-1, 400",
    "/shape%2F?offset=-1, 400",
    "/shape%00?offset=-1, 400",
    "/shape;a=b?offset=-1, 400",
    "/SHAPE?offset=-1, 401",
    "/shape/v1?offset=-1, 401",
    "/v1/shape?offset=-1, 401",
    "/shapes?offset=-1, 401",
  })
  void whatCouldWidenOrBeReadInTwoWaysIsRefused(String target, int status) {
    RawHttp.Answer answer = get(target, "");

    assertThat(answer.status()).isEqualTo(status);
    assertThat(GATEWAY.shapes.received()).isEmpty();
    assertThat(answer.text()).doesNotContain("X-Injected", TestGateway.UPSTREAM_SECRET);
  }

  static Stream<String> bodiesThatPass() {
    return Stream.of(
        "",
        "{}",
        "{\"where\":\"role = $1\",\"params\":{\"1\":\"user\"},\"limit\":10,\"offset\":0,\"order_by\":\"id\"}",
        "{\"where\":null,\"limit\":1,\"order_by\":\"id\"}",
        "{\"table\":\"commands\",\"where\":\"true\"}",
        "{\"columns\":\"owner\",\"queryable_columns\":\"owner\",\"replica\":\"full\"}",
        "{\"secret\":\"x\",\"api_secret\":\"y\",\"source_id\":\"z\"}",
        "{\"handle\":\"other\",\"log\":\"full\",\"live\":true}",
        "{\"params[1]\":\"x\"}",
        "{\"where_expr\":{\"type\":\"x\"},\"order_by_expr\":[]}",
        "{\"subset__where\":\"true\",\"subset\":null}".replace(",\"subset\":null", ""),
        "{\"subset\":{\"where\":\"role = 'user'\",\"table\":\"commands\"}}",
        "{\"subset\":{\"subset\":{\"where\":\"true\"},\"params\":{\"1\":\"x\"}}}",
        "{\"subset\":{\"where\":\"a\",\"columns\":[\"owner\"],\"handle\":\"x\"}}",
        "{\"Table\":\"commands\",\"\\u0074able\":\"commands\"}",
        "{\"__proto__\":{\"table\":\"commands\"}}");
  }

  @ParameterizedTest
  @MethodSource("bodiesThatPass")
  void bodyCarriesOnlyWhatNarrows(String body) {
    RawHttp.Answer answer = post("/shape?offset=-1&log=changes_only", "application/json", body);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).contains("private, no-store");
    assertThat(GATEWAY.shapes.received())
        .hasSize(1)
        .allSatisfy(ShapeSmugglingTest::isTheTokensShape)
        .allSatisfy(received -> {
          JsonNode sent = TestGateway.JSON.readTree(received.body());
          assertThat(BODY).containsAll(sent.propertyNames());
        });
  }

  @Test
  void nestedSubsetIsPassedInTheFlatForm() {
    post("/shape?offset=-1", "application/json", "{\"subset\":{\"where\":\"a\",\"limit\":3}}");

    assertThat(GATEWAY.shapes.received().getFirst().body())
        .isEqualTo("{\"where\":\"a\",\"limit\":3}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | 400",
        "null | 400",
        "\"where\" | 400",
        "{ | 400",
        "{\"where\":\"a\",\"where\":\"b\"} | 400",
        "{\"where\":\"a\",\"\\u0077here\":\"b\"} | 400",
        "{\"where\":\"a\"}{\"table\":\"commands\"} | 400",
        "{\"where\":{\"x\":1}} | 400",
        "{\"where\":[\"a\"]} | 400",
        "{\"order_by\":7} | 400",
        "{\"limit\":\"1\"} | 400",
        "{\"limit\":-1} | 400",
        "{\"where\":\"true) or (true\"} | 400",
        "{\"order_by\":\"id; table commands\"} | 400",
        "{\"limit\":1.5} | 400",
        "{\"limit\":99999999999999999999} | 400",
        "{\"params\":\"x\"} | 400",
        "{\"params\":{\"1\":{\"table\":\"x\"}}} | 400",
        "{\"params\":[\"x\"]} | 400",
        "{\"subset\":\"x\"} | 400",
        "{\"subset\":{\"where\":\"a\"},\"where\":\"true\"} | 400",
        "{\"subset\":{\"where\":\"a\"},\"table\":\"commands\"} | 400",
        "table=commands | 400",
      })
  void bodyThatIsNotASubsetIsRefused(String body, int status) {
    assertThat(post("/shape?offset=-1", "application/json", body).status()).isEqualTo(status);
    assertThat(GATEWAY.shapes.received()).isEmpty();
  }

  @Test
  void bodyBeyondItsLimitIsRefusedInElectricsForm() {
    HttpResponse<String> answer =
        GATEWAY.post(
            "/shape?offset=-1", TOKEN, "{\"where\":\"%s\"}".formatted("x".repeat(300_000)));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).isEqualTo("{\"error\":\"Request body too large\"}");
    assertThat(GATEWAY.shapes.received()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "X-Forwarded-Host: evil, X-Original-URL: /v1/shape?table=commands",
    "X-HTTP-Method-Override: DELETE, X-Http-Method: DELETE",
    "Cookie: secret=x, Electric-Secret: x",
    "Forwarded: host=evil, Range: bytes=0-1",
    "Accept-Encoding: gzip, X-Rewrite-URL: /v1/shape?table=commands"
  })
  void headersOfTheClientStayHere(String one, String two) {
    get("/shape?offset=-1", one + "\r\n" + two + "\r\n");

    assertThat(GATEWAY.shapes.received())
        .hasSize(1)
        .allSatisfy(ShapeSmugglingTest::isTheTokensShape);
  }

  private static void isTheTokensShape(FakeUpstream.Received received) {
    assertThat(received.path()).isEqualTo("/v1/shape");
    var query = received.query();
    assertThat(query.values()).allSatisfy(values -> assertThat(values).hasSize(1));
    assertThat(query)
        .containsEntry("table", List.of("messages"))
        .containsEntry("where", List.of("conversation_id = $1"))
        .containsEntry("params[1]", List.of(CONVERSATION.toString()))
        .containsEntry("replica", List.of("default"))
        .containsEntry("secret", List.of(TestGateway.UPSTREAM_SECRET))
        .containsEntry("columns", query.get("queryable_columns"));
    assertThat(query.getOrDefault("columns", List.of("")).getFirst())
        .startsWith("\"id\",\"conversation_id\",");
    assertThat(query.keySet())
        .allMatch(name ->
            PROTOCOL.contains(name)
                || Set.of(
                        "table",
                        "where",
                        "params[1]",
                        "replica",
                        "secret",
                        "columns",
                        "queryable_columns")
                    .contains(name));
    assertThat(received.headers().keySet().stream().map(name -> name.toLowerCase(Locale.ROOT)))
        .isSubsetOf("host", "accept", "user-agent", "content-type", "content-length");
  }

  private static RawHttp.Answer get(String target, String headers) {
    return RawHttp.send(
        GATEWAY.port(),
        "GET "
            + target
            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
            + TOKEN
            + "\r\n"
            + headers
            + "\r\n");
  }

  private static RawHttp.Answer post(String target, String type, String body) {
    return RawHttp.send(
        GATEWAY.port(),
        "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(target, TOKEN, type, body.getBytes(StandardCharsets.UTF_8).length, body));
  }
}
