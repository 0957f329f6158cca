package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.penstock.stack.TestStack;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Two gateways that share the topic of revocations.
class RevocationTest {
  private static final String DATABASE = TestGateway.migratedDatabase();
  private static final Map<String, Object> SHARED =
      Map.of(
          "penstock.gateway.kafka-bootstrap-servers",
          TestStack.bootstrapServers(),
          "penstock.gateway.topic-prefix",
          TestStack.newTopicPrefix() + "p",
          "penstock.gateway.operator-claim",
          "roles",
          "penstock.gateway.operator-value",
          "penstock-operator",
          "penstock.gateway.user-rate",
          1_000,
          "penstock.gateway.user-burst",
          10_000);
  private static final TestGateway ONE = new TestGateway(DATABASE, SHARED);
  private static final TestGateway TWO = new TestGateway(DATABASE, SHARED);
  private static final Crowd CROWD_ONE = new Crowd(ONE.port());
  private static final Crowd CROWD_TWO = new Crowd(TWO.port());
  private static final String LIVE = "/shape?offset=0_0&handle=h&live=true";
  private static final Duration PROMISED = Duration.ofSeconds(5);

  @AfterAll
  static void close() {
    CROWD_ONE.close();
    CROWD_TWO.close();
    ONE.close();
    TWO.close();
  }

  @BeforeEach
  void hold() {
    awaitReady(ONE);
    awaitReady(TWO);
    ONE.shapes.answerWith((_, _) -> Mono.never());
    TWO.shapes.answerWith((_, _) -> Mono.never());
  }

  private static void awaitReady(TestGateway gateway) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> gateway.send(gateway.request("/health")).statusCode() == 200);
  }

  @Test
  void userWhoLogsOutEverywhereLosesAllPollsOnEveryGatewayAndMayLogInAgain() {
    // Given
    String old = login("alice", "a1", -5);
    String first = shapeToken(ONE, old, "conversations");
    String second = shapeToken(TWO, login("alice", "a2", -5), "conversations");
    String bobs = shapeToken(ONE, login("bob", "b1", -5), "conversations");
    CompletableFuture<Crowd.Got> here = CROWD_ONE.start(LIVE, first);
    CompletableFuture<Crowd.Got> there = CROWD_TWO.start(LIVE, second);
    CompletableFuture<Crowd.Got> bob = CROWD_ONE.start(LIVE, bobs);
    await().until(() -> ONE.shapes.open() == 2 && TWO.shapes.open() == 1);

    // When
    HttpResponse<String> answer = ONE.post("/revocations", old, "{\"user\":\"alice\"}");

    // Then
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    await().atMost(PROMISED).until(() -> here.isDone() && there.isDone());
    assertThat(List.of(here.join().status(), there.join().status())).containsOnly(401);
    assertThat(ONE.shape("?offset=-1", first).statusCode()).isEqualTo(401);
    assertThat(TWO.shape("?offset=-1", second).statusCode()).isEqualTo(401);
    for (TestGateway gateway : List.of(ONE, TWO)) {
      assertThat(ask(gateway, old, "conversations").statusCode()).isEqualTo(401);
      assertThat(gateway.post("/conversations", old, "{}").statusCode()).isEqualTo(401);
      assertThat(gateway.commands.received()).isEmpty();
      assertThat(ask(gateway, login("alice", "a3", 2), "conversations").statusCode())
          .isEqualTo(200);
    }
    assertThat(bob).isNotDone();
    bob.cancel(true);
  }

  @Test
  void singleLoginIsRevokedByItsIdAndTakesItsShapeTokensAlong() {
    String stolen = login("carol", "stolen", -5);
    String kept = login("carol", "kept", -5);
    String ofStolen = shapeToken(ONE, stolen, "conversations");
    String ofKept = shapeToken(ONE, kept, "conversations");

    assertThat(TWO.post("/revocations", stolen, "{\"jti\":\"stolen\"}").statusCode())
        .isEqualTo(204);

    ONE.shapes.answerAsLive();
    await().atMost(PROMISED).until(() -> ONE.shape("?offset=-1", ofStolen).statusCode() == 401);
    assertThat(ONE.shape("?offset=-1", ofKept).statusCode()).isEqualTo(200);
    assertThat(ask(ONE, stolen, "conversations").statusCode()).isEqualTo(401);
    assertThat(ask(ONE, kept, "conversations").statusCode()).isEqualTo(200);
  }

  @Test
  void conversationIsRevokedByAnOperatorAndAskedForAnew() {
    // Given
    UUID conversation = ONE.conversation("dave");
    String dave = login("dave", "d1", -5);
    String messages = messagesToken(ONE, dave, conversation);
    String other = shapeToken(ONE, dave, "conversations");
    CompletableFuture<Crowd.Got> ended = CROWD_ONE.start(LIVE, messages);
    CompletableFuture<Crowd.Got> goesOn = CROWD_ONE.start(LIVE, other);
    await().until(() -> ONE.shapes.open() == 2);

    // When
    HttpResponse<String> answer =
        TWO.post(
            "/revocations",
            operator(),
            "{\"conversationId\":\"%s\"}"
                .formatted(conversation.toString().toUpperCase(Locale.ROOT)));

    // Then
    assertThat(answer.statusCode()).isEqualTo(204);
    await().atMost(PROMISED).until(ended::isDone);
    assertThat(ended.join().status()).isEqualTo(401);
    assertThat(goesOn).isNotDone();
    goesOn.cancel(true);
    ONE.shapes.answerAsLive();
    await()
        .atMost(PROMISED)
        .until(() ->
            ONE.shape("?offset=-1", messagesToken(ONE, dave, conversation)).statusCode() == 200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"&live_sse=true", ""})
  void noByteOfAnAnswerInProgressLeavesLaterThanFiveSecondsAfterIt(String stream) throws Exception {
    // Given
    TWO.shapes.answerWith((_, response) ->
        response
            .header("content-type", "text/event-stream")
            .sendByteArray(
                Flux.interval(Duration.ofMillis(20))
                    .map(n -> ("data: " + n + "\n\n").getBytes(UTF_8))));
    String user = "erin" + stream.length();
    String token = shapeToken(TWO, login(user, "e1", -5), "conversations");
    HttpResponse<InputStream> answer =
        TWO.http.send(
            TWO.request(LIVE + stream).header("Authorization", "Bearer " + token).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    AtomicLong lastByte = new AtomicLong();
    CompletableFuture<Boolean> cut =
        CompletableFuture.supplyAsync(() -> {
          try (InputStream body = answer.body()) {
            while (body.read() >= 0) {
              lastByte.set(System.nanoTime());
            }
            return false;
          } catch (IOException broken) {
            return true;
          }
        });
    await().until(() -> lastByte.get() != 0);

    // When
    int status =
        ONE.post("/revocations", operator(), "{\"user\":\"%s\"}".formatted(user)).statusCode();
    long acknowledged = System.nanoTime();

    // Then
    assertThat(status).isEqualTo(204);
    await().atMost(PROMISED.multipliedBy(2)).until(cut::isDone);
    assertThat(Duration.ofNanos(lastByte.get() - acknowledged)).isLessThan(PROMISED);
    assertThat(cut.join()).as("a cut answer does not look whole").isTrue();
    await().atMost(Duration.ofSeconds(2)).until(() -> TWO.shapes.open() == 0);
  }

  @Test
  void gatewayThatStartsLaterKnowsAllBeforeItTakesAToken() {
    String token = login("frank", "f1", -5);
    assertThat(ONE.post("/revocations", token, "{\"user\":\"frank\"}").statusCode()).isEqualTo(204);

    try (TestGateway late = new TestGateway(DATABASE, SHARED)) {
      List<Integer> statuses = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            statuses.add(ask(late, token, "conversations").statusCode());
            return statuses.getLast() != 503;
          });
      assertThat(statuses).doesNotContain(200).endsWith(401);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"user\":\"alice\"} | 403",
        "{\"jti\":\"other\"} | 403",
        "{\"conversationId\":\"0f7f0fd4-0000-4000-8000-000000000000\"} | 403",
        "{\"conversationId\":\"x\"} | 400",
        "{\"user\":\"\"} | 400",
        "{\"user\":7} | 400",
        "{} | 400",
        "{\"user\":\"mallory\",\"jti\":\"m\"} | 400",
        "{\"user\":\"mallory\",\"user\":\"alice\"} | 400",
        "{\"everything\":\"yes\"} | 400",
        "[] | 400",
        "{\"user\":\"mallory\"} | 204",
        "{\"jti\":\"m\"} | 204",
      })
  void callerRevokesOnlyWhatIsTheirOwn(String body, int status) {
    String mallory = login("mallory", "m", 5);

    HttpResponse<String> answer = ONE.post("/revocations", mallory, body);

    assertThat(answer.statusCode()).isEqualTo(status);
    if (status != 204) {
      assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    }
  }

  @Test
  void withoutAnAuthTokenNothingIsRevoked() {
    assertThat(ONE.post("/revocations", "x", "{\"user\":\"alice\"}").statusCode()).isEqualTo(401);
  }

  @Test
  void authTokenThatOutlivesRevocationsOrDoesNotSayWhenItWasIssuedIsHeldToThem() {
    String eternal =
        sign(
            new JWTClaimsSet.Builder()
                .subject("grace")
                .expirationTime(Date.from(Instant.now().plus(Duration.ofDays(40)))));
    String timeless =
        sign(
            new JWTClaimsSet.Builder()
                .subject("grace")
                .expirationTime(Date.from(Instant.now().plusSeconds(600))));
    assertThat(ask(ONE, eternal, "conversations").statusCode()).isEqualTo(401);
    assertThat(ask(ONE, timeless, "conversations").statusCode()).isEqualTo(200);

    ONE.post("/revocations", operator(), "{\"user\":\"grace\"}");

    assertThat(ask(ONE, timeless, "conversations").statusCode()).isEqualTo(401);
  }

  private static HttpResponse<String> ask(TestGateway gateway, String auth, String table) {
    return gateway.post("/shapes/auth-token", auth, "{\"table\":\"%s\"}".formatted(table));
  }

  private static String shapeToken(TestGateway gateway, String auth, String table) {
    return TestGateway.json(ask(gateway, auth, table)).get("token").asString();
  }

  private static String messagesToken(TestGateway gateway, String auth, UUID conversation) {
    return TestGateway.json(
            gateway.post(
                "/shapes/auth-token",
                auth,
                "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}"
                    .formatted(conversation)))
        .get("token")
        .asString();
  }

  private static String login(String user, String id, int issuedSecondsFromNow) {
    return sign(claims(user, id, issuedSecondsFromNow));
  }

  private static String operator() {
    return sign(claims("op", "op", 0).claim("roles", List.of("x", "penstock-operator")));
  }

  private static JWTClaimsSet.Builder claims(String user, String id, int issued) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .subject(user)
        .jwtID(id)
        .issueTime(Date.from(now.plusSeconds(issued)))
        .expirationTime(Date.from(now.plusSeconds(600)));
  }

  private static String sign(JWTClaimsSet.Builder claims) {
    return TestGateway.sign(claims.build(), JWSAlgorithm.HS256, TestGateway.AUTH_SECRET);
  }
}
