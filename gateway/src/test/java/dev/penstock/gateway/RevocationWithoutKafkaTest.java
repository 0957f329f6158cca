package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.KafkaBroker;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/// What a gateway does that cannot hear of revocations.
class RevocationWithoutKafkaTest {
  @Test
  void gatewayThatNeverReadTheTopicTakesNoTokenButServesThePage() {
    try (TestGateway gateway =
        new TestGateway(Map.of("penstock.gateway.kafka-bootstrap-servers", "127.0.0.1:1"))) {
      HttpResponse<String> health = gateway.send(gateway.request("/health"));
      HttpResponse<String> shape =
          gateway.send(
              gateway
                  .request("/shape?offset=-1")
                  .header("Origin", TestGateway.ORIGIN)
                  .header("Authorization", "Bearer x"));
      HttpResponse<String> command =
          gateway.post("/conversations", TestGateway.authToken("alice"), "{}");

      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(shape.statusCode()).isEqualTo(503);
      assertThat(shape.headers().firstValue("retry-after")).isPresent();
      assertThat(shape.headers().firstValue("access-control-allow-origin")).isPresent();
      assertThat(TestGateway.json(shape).get("code").asString()).isEqualTo("not_ready");
      assertThat(command.statusCode()).isEqualTo(503);
      assertThat(command.headers().firstValue("content-type")).contains("application/problem+json");
      assertThat(gateway.commands.received()).isEmpty();
      assertThat(gateway.send(gateway.request("/")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void lostKafkaKeepsWhatIsKnownGivesNoNewShapeTokensAndComesBack(@TempDir Path directory) {
    try (ChildKafkaBroker broker = KafkaBroker.startChild(directory);
        TestGateway gateway =
            new TestGateway(
                Map.of(
                    "penstock.gateway.kafka-bootstrap-servers",
                    broker.bootstrapServers(),
                    "penstock.gateway.revocations-stale-after",
                    "5s"));
        Crowd crowd = new Crowd(gateway.port())) {
      // Given
      awaitHealth(gateway, 200);
      String alice = gateway.messagesToken("alice");
      String bob = gateway.messagesToken("bob");
      gateway.post("/revocations", TestGateway.authToken("bob"), "{\"user\":\"bob\"}");
      gateway.shapes.answerWith((_, _) -> Mono.never());
      CompletableFuture<Crowd.Got> poll =
          crowd.start("/shape?offset=0_0&handle=h&live=true", alice);
      await().until(() -> gateway.shapes.open() == 1);

      // When
      broker.kill();
      awaitHealth(gateway, 503);

      // Then
      assertThat(ask(gateway, "alice").statusCode()).isEqualTo(503);
      assertThat(ask(gateway, "alice").headers().firstValue("retry-after")).isPresent();
      assertThat(
              gateway
                  .post("/revocations", TestGateway.authToken("alice"), "{\"user\":\"alice\"}")
                  .statusCode())
          .isEqualTo(503);
      assertThat(poll).isNotDone();
      gateway.shapes.answerAsLive();
      assertThat(gateway.shape("?offset=-1", alice).statusCode()).isEqualTo(200);
      assertThat(gateway.shape("?offset=-1", bob).statusCode()).isEqualTo(401);

      broker.start();
      awaitHealth(gateway, 200);
      assertThat(ask(gateway, "alice").statusCode()).isEqualTo(200);
      poll.cancel(true);
    }
  }

  private static HttpResponse<String> ask(TestGateway gateway, String user) {
    return gateway.post(
        "/shapes/auth-token", TestGateway.authToken(user), "{\"table\":\"conversations\"}");
  }

  @Test
  void moreRevocationsThanMayBeKeptEndTheGivingOfShapeTokens() {
    try (TestGateway small = new TestGateway(Map.of("penstock.gateway.revocations-most", 1))) {
      assertThat(wish(small).statusCode()).isEqualTo(200);
      for (String user : List.of("gone", "gone too")) {
        assertThat(
                small
                    .post(
                        "/revocations",
                        TestGateway.authToken(user),
                        "{\"user\":\"%s\"}".formatted(user))
                    .statusCode())
            .isEqualTo(204);
      }

      HttpResponse<String> refused = wish(small);

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("retry-after")).isPresent();
      assertThat(refused.headers().firstValue("content-type")).contains("application/problem+json");
      assertThat(refused.body()).contains("revoked");
      assertThat(small.meter("penstock.gateway.refused", "limit", "revocations-most")).isEqualTo(1);
      assertThat(small.meter("penstock.gateway.revocations")).isEqualTo(2);
      HttpResponse<String> health = small.send(small.request("/health"));
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body()).contains("FULL");
    }
  }

  private static HttpResponse<String> wish(TestGateway gateway) {
    return gateway.post(
        "/shapes/auth-token", TestGateway.authToken("here"), "{\"table\":\"conversations\"}");
  }

  private static void awaitHealth(TestGateway gateway, int status) {
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> gateway.send(gateway.request("/health")).statusCode() == status);
  }
}
