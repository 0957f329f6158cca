package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ShapeTokenCallTest {
  private static final TestGateway GATEWAY = new TestGateway();

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  @Test
  void ownConversationGetsATokenThatHoldsTheWholeShape() {
    // Given
    UUID conversation = GATEWAY.conversation("alice");

    // When
    HttpResponse<String> answer =
        ask(
            "alice",
            "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}"
                .formatted(conversation.toString().toUpperCase(Locale.ROOT)));

    // Then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
    JsonNode body = TestGateway.json(answer);
    JsonNode claims = claims(body.get("token").asString());
    assertThat(body.get("expiresAt").isIntegralNumber()).isTrue();
    assertThat(body.get("expiresAt").asLong())
        .isEqualTo(claims.get("exp").asLong())
        .isBetween(Instant.now().getEpochSecond() + 290, Instant.now().getEpochSecond() + 300);
    assertThat(claims.get("sub").asString()).isEqualTo("alice");
    assertThat(claims.get("aud").asString()).isEqualTo("penstock-shape");
    assertThat(claims.get("iss").asString()).isEqualTo("penstock-gateway");
    assertThat(claims.get("where").asString()).isEqualTo("conversation_id = $1");
    assertThat(claims.get("params").toString()).isEqualTo("{\"1\":\"%s\"}".formatted(conversation));
    assertThat(claims.get("columns")).isEqualTo(claims.get("queryable_columns"));
  }

  @Test
  void aClientThatOffersHttp2WithItsFirstPostIsServed() throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                GATEWAY
                    .request("/shapes/auth-token")
                    .header("Authorization", "Bearer " + TestGateway.authToken("alice"))
                    .header("Content-Type", "application/json")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "{\"table\":\"conversations\",\"params\":{}}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
  }

  @Test
  void conversationsAreThoseOfTheCallerWhateverItIsCalled() {
    String strange = "o'; drop table conversations; --";

    JsonNode claims = claims(GATEWAY.shapeToken(strange, "conversations", UUID.randomUUID()));

    assertThat(claims.get("where").asString()).isEqualTo("owner = $1");
    assertThat(claims.get("params").get("1").asString()).isEqualTo(strange);
  }

  @Test
  void anothersConversationIsAnsweredLikeNoneAndLikeAnUnknownTable() {
    UUID bobs = GATEWAY.conversation("bob");
    String form = "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}";

    HttpResponse<String> others = ask("alice", form.formatted(bobs));
    HttpResponse<String> none = ask("alice", form.formatted(UUID.randomUUID()));
    HttpResponse<String> table = ask("alice", "{\"table\":\"commands\",\"params\":{}}");

    assertThat(others.statusCode()).isEqualTo(403);
    assertThat(none.statusCode()).isEqualTo(403);
    assertThat(none.body()).isEqualTo(others.body()).isEqualTo(table.body());
    assertThat(none.headers().map().keySet()).isEqualTo(others.headers().map().keySet());
    assertThat(others.headers().firstValue("content-type")).contains("application/problem+json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not json                                                       | body",
        "[]                                                             | body",
        "{\"table\":\"messages\",\"table\":\"conversations\"}           | body",
        "{\"table\":\"conversations\"} {}                               | body",
        "{}                                                             | table",
        "{\"table\":7}                                                  | table",
        "{\"table\":\"conversations\",\"where\":\"true\"}               | where",
        "{\"table\":\"conversations\",\"columns\":[\"id\"]}             | columns",
        "{\"table\":\"conversations\",\"params\":[]}                    | params",
        "{\"table\":\"conversations\",\"params\":{\"owner\":\"bob\"}}   | params.owner",
        "{\"table\":\"messages\"}                                       | params.conversationId",
        "{\"table\":\"messages\",\"params\":{}}                         | params.conversationId",
        "{\"table\":\"messages\",\"params\":{\"conversationId\":null}}  | params.conversationId",
        "{\"table\":\"messages\",\"params\":{\"conversationId\":\"x\"}} | params.conversationId",
        "{\"table\":\"messages\",\"params\":{\"conversationId\":[\"0b0d5e0a-7a53-4e2f-9d0e-6d4b6f0d6a11\"]}} | params.conversationId",
        "{\"table\":\"messages\",\"params\":{\"conversationId\":\"0b0d5e0a-7a53-4e2f-9d0e-6d4b6f0d6a11 \"}} | params.conversationId",
        "{\"table\":\"messages\",\"params\":{\"conversationId\":\"0b0d5e0a-7a53-4e2f-9d0e-6d4b6f0d6a11\",\"x\":\"y\"}} | params.x",
      })
  void malformedRequestIsToldItsField(String body, String field) {
    HttpResponse<String> answer = ask("alice", body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(TestGateway.json(answer).get("field").asString()).isEqualTo(field);
  }

  @Test
  void shapeTokenNeverOutlivesTheAuthToken() {
    Instant end = Instant.now().plusSeconds(60);
    String auth =
        TestGateway.sign(
            claimsOf("alice", end).build(), JWSAlgorithm.HS256, TestGateway.AUTH_SECRET);

    HttpResponse<String> answer =
        GATEWAY.post("/shapes/auth-token", auth, "{\"table\":\"conversations\"}");

    assertThat(TestGateway.json(answer).get("expiresAt").asLong()).isEqualTo(end.getEpochSecond());
  }

  @Test
  void noAuthTokenThatIsNotWhollyRightPasses() {
    Instant end = Instant.now().plusSeconds(60);
    String right = TestGateway.authToken("alice");
    String long64 = TestGateway.AUTH_SECRET + TestGateway.AUTH_SECRET;

    assertThat(statusOf(right)).isEqualTo(200);
    assertThat(statusOf("")).isEqualTo(401);
    assertThat(statusOf("x.y.z")).isEqualTo(401);
    assertThat(statusOf(right.substring(0, right.lastIndexOf('.') + 1))).isEqualTo(401);
    assertThat(statusOf(unsigned("alice", end))).isEqualTo(401);
    assertThat(statusOf(sign(claimsOf("alice", end), JWSAlgorithm.HS256, "x".repeat(40))))
        .isEqualTo(401);
    assertThat(statusOf(sign(claimsOf("alice", end), JWSAlgorithm.HS512, long64))).isEqualTo(401);
    assertThat(statusOf(sign(claimsOf("alice", Instant.now().minusSeconds(120))))).isEqualTo(401);
    assertThat(statusOf(sign(new JWTClaimsSet.Builder().subject("alice")))).isEqualTo(401);
    assertThat(statusOf(sign(claimsOf(" ", end)))).isEqualTo(401);
    assertThat(statusOf(sign(claimsOf("a\0b", end)))).isEqualTo(401);
    assertThat(statusOf(sign(claimsOf("alice", end).notBeforeTime(Date.from(end))))).isEqualTo(401);
    assertThat(statusOf(GATEWAY.messagesToken("alice"))).as("a Shape Token").isEqualTo(401);
  }

  @Test
  void missingTokenIsAProblemAndTokensInTheUrlAreNone() {
    HttpResponse<String> answer =
        GATEWAY.send(
            GATEWAY
                .request("/shapes/auth-token?access_token=" + TestGateway.authToken("alice"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"table\":\"conversations\"}")));

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(answer.headers().firstValue("www-authenticate")).contains("Bearer");
  }

  @Test
  void bodyBeyondItsLimitIsRefused() {
    assertThat(ask("alice", "{\"table\":\"%s\"}".formatted("x".repeat(20_000))).statusCode())
        .isEqualTo(413);
  }

  private static HttpResponse<String> ask(String caller, String body) {
    return GATEWAY.post("/shapes/auth-token", TestGateway.authToken(caller), body);
  }

  private static int statusOf(String authToken) {
    return GATEWAY
        .post("/shapes/auth-token", authToken, "{\"table\":\"conversations\"}")
        .statusCode();
  }

  private static JWTClaimsSet.Builder claimsOf(String subject, Instant end) {
    return new JWTClaimsSet.Builder().subject(subject).expirationTime(Date.from(end));
  }

  private static String sign(JWTClaimsSet.Builder claims) {
    return sign(claims, JWSAlgorithm.HS256, TestGateway.AUTH_SECRET);
  }

  private static String sign(JWTClaimsSet.Builder claims, JWSAlgorithm algorithm, String secret) {
    return TestGateway.sign(claims.build(), algorithm, secret);
  }

  private static String unsigned(String subject, Instant end) {
    Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
    return url.encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
        + "."
        + url.encodeToString(
            "{\"sub\":\"%s\",\"exp\":%d}"
                .formatted(subject, end.getEpochSecond())
                .getBytes(StandardCharsets.UTF_8))
        + ".";
  }

  private static JsonNode claims(String token) {
    return TestGateway.JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
  }
}
