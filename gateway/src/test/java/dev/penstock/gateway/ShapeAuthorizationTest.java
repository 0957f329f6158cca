package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Without one Shape Token, by another method or beyond the token's end, nothing comes.
class ShapeAuthorizationTest {
  private static final TestGateway GATEWAY =
      new TestGateway(Map.of("penstock.gateway.shape-token-lifetime", "2s"));

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  @BeforeEach
  void forget() {
    GATEWAY.shapes.answerAsLive();
  }

  @ParameterizedTest
  @CsvSource({"DELETE", "PUT", "PATCH"})
  void otherMethodsAreRefused(String method) {
    RawHttp.Answer answer =
        RawHttp.send(
            GATEWAY.port(),
            method
                + " /shape?handle=h HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + GATEWAY.messagesToken("alice")
                + "\r\n\r\n");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.text().toLowerCase(Locale.ROOT)).contains("allow: get,post,head,options");
    assertThat(GATEWAY.shapes.received()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'Authorization: Bearer x\r\nAuthorization: Bearer y'",
    "'Authorization: Basic YTpi'",
    "'Authorization: Bearer'",
    "'Authorization: Bearer  two words'",
    "'Cookie: token=x'",
    "'X-Authorization: Bearer x'"
  })
  void withoutOneShapeTokenItIs401AsJsonThatNobodyStores(String headers) {
    RawHttp.Answer answer =
        RawHttp.send(
            GATEWAY.port(),
            "GET /shape?offset=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + headers
                + "\r\n\r\n");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.text().toLowerCase(Locale.ROOT))
        .contains("content-type: application/json")
        .contains("cache-control: no-store");
    assertThat(GATEWAY.shapes.received()).isEmpty();
  }

  @Test
  void authTokenIsNoShapeToken() {
    assertThat(GATEWAY.shape("?offset=-1", TestGateway.authToken("alice")).statusCode())
        .isEqualTo(401);
    assertThat(GATEWAY.shape("?offset=-1", "x".repeat(9_000)).statusCode()).isEqualTo(401);
  }

  @Test
  void twoAuthorizationHeadersAre401EvenIfOneIsRight() {
    String right = "Authorization: Bearer " + GATEWAY.messagesToken("alice") + "\r\n";

    assertThat(
            RawHttp.send(
                    GATEWAY.port(),
                    "GET /shape?offset=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s%s\r\n"
                        .formatted(right, right))
                .status())
        .isEqualTo(401);
  }

  @Test
  void heldPollEndsWithItsToken() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    String token = GATEWAY.messagesToken("alice");
    Instant start = Instant.now();

    HttpResponse<String> answer = GATEWAY.shape("?offset=0_0&handle=h&live=true", token);

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(3));
    await().atMost(Duration.ofSeconds(2)).until(() -> GATEWAY.shapes.open() == 0);
    assertThat(GATEWAY.shape("?offset=0_0&handle=h&live=true", token).statusCode()).isEqualTo(401);
  }

  @Test
  void eventStreamEndsCleanlyWithItsToken() {
    GATEWAY.shapes.answerWith((_, response) ->
        response
            .header("content-type", "text/event-stream")
            .sendByteArray(
                Flux.concat(
                    Mono.just("data: 1\n\n".getBytes(StandardCharsets.UTF_8)), Flux.never()))
            .then());

    HttpResponse<String> answer =
        GATEWAY.shape(
            "?offset=0_0&handle=h&live=true&live_sse=true", GATEWAY.messagesToken("alice"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("data: 1\n\n");
    await().atMost(Duration.ofSeconds(2)).until(() -> GATEWAY.shapes.open() == 0);
  }
}
