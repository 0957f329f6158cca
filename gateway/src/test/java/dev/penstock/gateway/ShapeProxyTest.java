package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class ShapeProxyTest {
  private static final TestGateway GATEWAY = new TestGateway();
  private static final String TOKEN = GATEWAY.messagesToken("alice");

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  @BeforeEach
  void forget() {
    GATEWAY.shapes.answerAsLive();
  }

  @Test
  void answerPassesWithEveryElectricHeaderAndNothingElseOfTheUpstreams() {
    HttpResponse<String> answer = GATEWAY.shape("?offset=0_0&handle=54321-1763", TOKEN);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(FakeUpstream.UP_TO_DATE);
    Map<String, List<String>> headers = answer.headers().map();
    assertThat(headers)
        .containsEntry("electric-handle", List.of("54321-1763"))
        .containsEntry("electric-offset", List.of("0_inf"))
        .containsEntry("electric-schema", List.of("{\"id\":{\"type\":\"uuid\"}}"))
        .containsEntry("electric-up-to-date", List.of(""))
        .containsEntry("electric-has-data", List.of("true"))
        .containsEntry("electric-server", List.of("ElectricSQL/1.7.12"))
        .containsEntry("etag", List.of("\"54321-1763:-1:0_inf\""))
        .containsEntry("content-type", List.of("application/json; charset=utf-8"))
        .containsEntry("cache-control", List.of("private, max-age=60"))
        .doesNotContainKeys(
            "x-request-id", "surrogate-control", "access-control-allow-origin", "connection");
    assertThat(String.join(", ", answer.headers().allValues("vary")))
        .contains("Authorization", "Origin");
  }

  @Test
  void headIsAskedAsHead() {
    HttpResponse<String> answer =
        GATEWAY.send(
            GATEWAY
                .request("/shape?offset=-1")
                .header("Authorization", "Bearer " + TOKEN)
                .method("HEAD", HttpRequest.BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("electric-handle")).contains("54321-1763");
    assertThat(answer.body()).isEmpty();
    assertThat(GATEWAY.shapes.received().getFirst().method()).isEqualTo("HEAD");
  }

  @Test
  void snapshotIsNotStoredByTheBrowser() {
    GATEWAY.shapes.answerWith((_, response) ->
        FakeUpstream.json(
            response.header(
                "cache-control",
                "public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746"),
            "[]"));

    assertThat(GATEWAY.shape("?offset=-1", TOKEN).headers().allValues("cache-control"))
        .containsExactly("private, no-store");
    assertThat(GATEWAY.shape("?offset=0_0&handle=h", TOKEN).headers().allValues("cache-control"))
        .singleElement()
        .asString()
        .matches("private, max-age=(2[89]\\d|300)");
  }

  @Test
  void rotationPassesWithItsHandleAndIsNotStored() {
    GATEWAY.shapes.answerWith((_, response) ->
        FakeUpstream.json(
            response
                .status(409)
                .header("electric-handle", "new-1")
                .header("cache-control", "public, max-age=60, must-revalidate"),
            "[{\"headers\":{\"control\":\"must-refetch\"}}]"));

    HttpResponse<String> answer = GATEWAY.shape("?offset=0_0&handle=old", TOKEN);

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.headers().firstValue("electric-handle")).contains("new-1");
    assertThat(answer.headers().firstValue("cache-control")).contains("private, no-store");
    assertThat(answer.body()).contains("must-refetch");
  }

  @Test
  void notModifiedAnswersOnlyWhoAskedForIt() {
    GATEWAY.shapes.answerWith((_, response) -> response.status(304).header("etag", "\"e\"").send());

    HttpResponse<String> conditional =
        GATEWAY.send(
            GATEWAY
                .request("/shape?offset=0_0&handle=h")
                .header("Authorization", "Bearer " + TOKEN)
                .header("If-None-Match", "\"e\""));

    assertThat(conditional.statusCode()).isEqualTo(304);
    assertThat(GATEWAY.shapes.received().getFirst().headers())
        .containsEntry("if-none-match", "\"e\"");
    assertThat(GATEWAY.shape("?offset=0_0&handle=h", TOKEN).statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 401, 403, 404, 405, 500, 502, 504})
  void upstreamsTroubleIsAskedToBeRetriedAndKeptHere(int status) {
    GATEWAY.shapes.answerWith((request, response) ->
        FakeUpstream.json(response.status(status), "internal " + request.uri()));

    HttpResponse<String> answer = GATEWAY.shape("?offset=-1", TOKEN);

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
    assertThat(TestGateway.json(answer).get("message").isString()).isTrue();
    assertThat(answer.body()).doesNotContain("internal", "secret");
  }

  @Test
  void upstreamsOwn503PassesWithItsRetryAfter() {
    GATEWAY.shapes.answerWith((_, response) ->
        FakeUpstream.json(
            response
                .status(503)
                .header("retry-after", "10")
                .header("electric-internal-known-error", "true"),
            "{\"message\":\"Snapshot timed out\"}"));

    HttpResponse<String> answer = GATEWAY.shape("?offset=-1", TOKEN);

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).contains("10");
    assertThat(answer.headers().firstValue("electric-internal-known-error")).contains("true");
    assertThat(answer.body()).contains("Snapshot timed out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
  void firstEventArrivesBeforeTheSecondIsMade(HttpClient.Version version) throws Exception {
    // Given
    Sinks.Many<String> events = Sinks.many().unicast().onBackpressureBuffer();
    GATEWAY.shapes.answerWith((_, response) ->
        response
            .header("content-type", "text/event-stream")
            .header("electric-cursor", "7")
            .sendByteArray(events.asFlux().map(event -> event.getBytes(StandardCharsets.UTF_8)))
            .then());
    HttpClient client = HttpClient.newBuilder().version(version).build();

    // When
    events.tryEmitNext("data: {\"n\":1}\n\n");
    HttpResponse<InputStream> answer =
        client.send(
            GATEWAY
                .request("/shape?offset=0_0&handle=h&live=true&live_sse=true")
                .header("Authorization", "Bearer " + TOKEN)
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());

    // Then
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      assertThat(answer.version()).isEqualTo(version);
      assertThat(reader.readLine()).isEqualTo("data: {\"n\":1}");
      assertThat(reader.readLine()).isEmpty();
      events.tryEmitNext("data: {\"n\":2}\n\n");
      assertThat(reader.readLine()).isEqualTo("data: {\"n\":2}");
      assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
      assertThat(answer.headers().firstValue("x-accel-buffering")).contains("no");
      assertThat(answer.headers().firstValue("cache-control")).contains("private, no-store");
      events.tryEmitComplete();
      assertThat(reader.readLine()).isEmpty();
      assertThat(reader.readLine()).isNull();
    }
    client.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void vanishedClientFreesTheUpstreamAtOnce(boolean streaming) {
    GATEWAY.shapes.answerWith((_, response) ->
        streaming
            ? response
                .header("content-type", "text/event-stream")
                .sendByteArray(
                    Flux.concat(
                        Mono.just("data: 1\n\n".getBytes(StandardCharsets.UTF_8)), Flux.never()))
                .then()
            : Mono.never());
    CompletableFuture<HttpResponse<InputStream>> poll =
        GATEWAY.http.sendAsync(
            GATEWAY
                .request(
                    "/shape?offset=0_0&handle=h&live=true" + (streaming ? "&live_sse=true" : ""))
                .header("Authorization", "Bearer " + TOKEN)
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    await().atMost(Duration.ofSeconds(5)).until(() -> GATEWAY.shapes.open() == 1);

    if (streaming) {
      close(poll.join().body());
    } else {
      poll.cancel(true);
    }

    await().atMost(Duration.ofSeconds(2)).until(() -> GATEWAY.shapes.open() == 0);
  }

  @Test
  void secretAndTokensAreNotLoggedAtAnyLevelThatIsOnByAccident() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Appender<ILoggingEvent> console = root.getAppender("console");
    root.detachAppender(console);
    root.addAppender(lines);
    root.setLevel(Level.DEBUG);
    try {
      GATEWAY.shape("?offset=-1", TOKEN);
      GATEWAY.shape("?offset=-1", TOKEN + "x");
      GATEWAY.shapes.answerWith((_, response) -> response.status(500).send());
      GATEWAY.shape("?offset=-1", TOKEN);
    } finally {
      root.setLevel(before);
      root.detachAppender(lines);
      root.addAppender(console);
    }

    assertThat(lines.list).isNotEmpty();
    assertThat(lines.list)
        .extracting(event -> event.getFormattedMessage() + event.getKeyValuePairs())
        // The fake upstream runs here too and logs what it is asked.
        .filteredOn(line -> !line.contains("[HttpServer]"))
        .noneMatch(line -> line.contains("upstream%2Bsecret") || line.contains(TOKEN));
  }

  @Test
  void bodyCutShortDoesNotLookWhole() {
    GATEWAY.shapes.answerWith((_, response) ->
        response
            .header("content-type", "application/json")
            .sendByteArray(
                Flux.concat(
                    Mono.just("[{\"key\":".getBytes(StandardCharsets.UTF_8)),
                    Mono.delay(Duration.ofMillis(50))
                        .then(Mono.error(new IllegalStateException("upstream dies"))))));

    assertThatThrownBy(() -> GATEWAY.shape("?offset=-1", TOKEN))
        .isInstanceOf(UncheckedIOException.class);
  }

  private static void close(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
