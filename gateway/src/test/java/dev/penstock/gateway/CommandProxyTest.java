package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

class CommandProxyTest {
  private static final TestGateway GATEWAY =
      new TestGateway(Map.of("penstock.gateway.command-timeout", "1s"));
  private static final String TOKEN = TestGateway.authToken("alice");

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  @BeforeEach
  void answer() {
    GATEWAY.commands.answerWith((_, response) ->
        FakeUpstream.json(
            response.status(201).header("x-internal", "x").header("set-cookie", "a=b"),
            "{\"txid\":4294967295}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/questions/send", "/conversations", "/%71uestions/send"})
  void commandPassesWithTheCallersIdentity(String path) {
    HttpResponse<String> answer =
        GATEWAY.send(
            GATEWAY
                .request(path + "?admin=true")
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .header("X-User", "bob")
                .header("Cookie", "a=b")
                .POST(HttpRequest.BodyPublishers.ofString("{\"content\":\"é\"}")));

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.body()).isEqualTo("{\"txid\":4294967295}");
    assertThat(answer.headers().map())
        .containsKey("content-type")
        .doesNotContainKeys("x-internal", "set-cookie");
    assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
    assertThat(GATEWAY.commands.received())
        .singleElement()
        .satisfies(received -> {
          assertThat(received.method()).isEqualTo("POST");
          assertThat(received.uri()).isEqualTo(path.replace("%71", "q"));
          assertThat(received.body()).isEqualTo("{\"content\":\"é\"}");
          assertThat(received.headers())
              .containsEntry("authorization", "Bearer " + TOKEN)
              .containsEntry("content-type", "application/json")
              .containsEntry(
                  "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
              .doesNotContainKeys("x-user", "cookie");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /answers/9d7b4a1c-0000-4000-8000-000000000001/stop",
    "GET, /dead-letters",
    "POST, /dead-letters/retry",
    "POST, /dead-letters/9d7b4a1c-0000-4000-8000-000000000001/retry",
    "DELETE, /dead-letters/9d7b4a1c-0000-4000-8000-000000000001",
  })
  void aCallWithoutABodyPassesWithItsMethod(String method, String path) {
    HttpResponse<String> answer =
        GATEWAY.send(
            GATEWAY
                .request(path)
                .header("Authorization", "Bearer " + TOKEN)
                .method(method, HttpRequest.BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(GATEWAY.commands.received())
        .singleElement()
        .satisfies(received -> {
          assertThat(received.method()).isEqualTo(method);
          assertThat(received.uri()).isEqualTo(path);
        });
  }

  @Test
  void refusalOfTheCommandServicePassesAsItIs() {
    GATEWAY.commands.answerWith((_, response) ->
        response
            .status(409)
            .header("content-type", "application/problem+json")
            .sendString(Mono.just("{\"status\":409}"))
            .then());

    HttpResponse<String> answer = GATEWAY.post("/questions/send", TOKEN, "{}");

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(answer.body()).isEqualTo("{\"status\":409}");
  }

  @Test
  void withoutAnAuthTokenNothingPasses() {
    assertThat(GATEWAY.post("/questions/send", "x", "{}").statusCode()).isEqualTo(401);
    assertThat(GATEWAY.post("/questions/send", GATEWAY.messagesToken("alice"), "{}").statusCode())
        .isEqualTo(401);
    assertThat(GATEWAY.commands.received()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/questions",
        "/questions/send/x",
        "/commands",
        "/actuator",
        "/internal",
        "/dev/login",
        "/conversations/x",
        "/Questions/send"
      })
  void callThatIsNotNamedIsDenied(String path) {
    assertThat(GATEWAY.post(path, TOKEN, "{}").statusCode()).isEqualTo(403);
    assertThat(GATEWAY.send(GATEWAY.request(path)).statusCode()).isEqualTo(401);
    assertThat(GATEWAY.commands.received()).isEmpty();
  }

  @Test
  void bodyBeyondItsLimitIsRefused() {
    HttpResponse<String> answer = GATEWAY.post("/questions/send", TOKEN, "x".repeat(257 * 1024));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(GATEWAY.commands.received()).isEmpty();
  }

  @Test
  void silentCommandServiceIsAskedToBeRetried() {
    GATEWAY.commands.answerWith((_, _) -> Mono.never());

    HttpResponse<String> answer = GATEWAY.post("/questions/send", TOKEN, "{}");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
  }
}
