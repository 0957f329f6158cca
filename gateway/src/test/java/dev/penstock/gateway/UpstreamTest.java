package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.gateway.http.Upstream;
import dev.penstock.gateway.http.UpstreamUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.resources.LoopResources;

/// The connection to the upstream: who has it, for how long, and what happens without one.
class UpstreamTest {
  private static final String LIVE = "/shape?offset=0_0&handle=h&live=true&cursor=";
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final TestGateway GATEWAY =
      new TestGateway(
          Map.of(
              "penstock.gateway.shapes-connections",
              2,
              "penstock.gateway.shapes-pending",
              1,
              "penstock.gateway.command-connections",
              1,
              "penstock.gateway.shapes-connect-timeout",
              "500ms"));
  private static final Crowd CROWD = new Crowd(GATEWAY.port());
  private static final String TOKEN = GATEWAY.messagesToken("alice");

  @AfterAll
  static void close() {
    CROWD.close();
    GATEWAY.close();
  }

  @BeforeEach
  void nothingIsOpen() {
    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == 0);
  }

  @Test
  void requestThatFindsNoFreeConnectionIsAskedToBeRetried() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    CompletableFuture<Crowd.Got> first = CROWD.start(LIVE + "1", TOKEN);
    CompletableFuture<Crowd.Got> second = CROWD.start(LIVE + "2", TOKEN);
    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == 2);

    assertThat(GATEWAY.meter("penstock.gateway.upstream.connections", "upstream", "shapes"))
        .isEqualTo(2);
    double before = refused("shapes-connections");

    Crowd.Got refused = CROWD.start(LIVE + "3", TOKEN).join();

    assertBusy(refused);
    assertThat(refused("shapes-connections")).isEqualTo(before + 1);
    double beforeCrowd = refused("shapes-pending");
    List<Crowd.Got> crowd =
        Crowd.all(IntStream.range(5, 25).mapToObj(i -> CROWD.start(LIVE + i, TOKEN)).toList());
    assertThat(crowd).allSatisfy(UpstreamTest::assertBusy);
    assertThat(refused("shapes-pending")).as("found no place to wait").isGreaterThan(beforeCrowd);
    first.cancel(true);
    second.cancel(true);
    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == 0);
    GATEWAY.shapes.answerAsLive();
    assertThat(CROWD.start(LIVE + "4", TOKEN).join().status()).isEqualTo(200);
  }

  private static void assertBusy(Crowd.Got refused) {
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.retryAfter()).isEqualTo("1");
    assertThat(refused.body()).contains("\"code\":\"concurrent_request_limit_exceeded\"");
  }

  @Test
  void commandsBeyondTheirConnectionsAreRefusedWithAProblemAndCounted() {
    GATEWAY.commands.answerWith((_, _) -> Mono.never());
    String auth = TestGateway.authToken("alice");
    CompletableFuture<Crowd.Got> held = CROWD.start("/txids/1", auth);
    await().atMost(SOON).until(() -> GATEWAY.commands.open() == 1);

    List<Crowd.Got> crowd =
        Crowd.all(IntStream.range(0, 20).mapToObj(_ -> CROWD.start("/txids/1", auth)).toList());

    assertThat(crowd)
        .allSatisfy(refused -> {
          assertThat(refused.status()).isEqualTo(503);
          assertThat(refused.retryAfter()).isEqualTo("1");
          assertThat(refused.body()).contains("\"status\":503", "Too many requests");
        });
    assertThat(refused("command-connections")).isPositive();
    assertThat(refused("command-connections") + refused("command-pending")).isEqualTo(20);
    held.cancel(true);
    await().atMost(SOON).until(() -> GATEWAY.commands.open() == 0);
  }

  private static double refused(String limit) {
    return GATEWAY.meter("penstock.gateway.refused", "limit", limit);
  }

  @Test
  void silentUpstreamIsGivenUp() throws Exception {
    LoopResources loops = LoopResources.create("silent", 1, true);
    try (FakeUpstream silent = new FakeUpstream();
        Upstream upstream =
            new Upstream(
                "silent",
                new Upstream.Limits(1, 1, Duration.ofSeconds(5), Duration.ofMillis(300)),
                loops,
                new SimpleMeterRegistry())) {
      silent.answerWith((_, _) -> Mono.never());
      Upstream.Request request =
          new Upstream.Request("GET", silent.url() + "/", Map.of(), ByteBuffer.allocate(0));

      assertThatThrownBy(
              () -> upstream.exchange(request, (_, _) -> Mono.empty()).block(Duration.ofSeconds(9)))
          .isInstanceOf(UpstreamUnavailableException.class);
      await().atMost(SOON).until(() -> silent.open() == 0);
    } finally {
      loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).block();
    }
  }

  @Test
  void streamOfHttp2ThatItsClientDropsFreesTheUpstream() throws IOException {
    GATEWAY.shapes.answerWith((_, response) ->
        response
            .header("content-type", "text/event-stream")
            .sendByteArray(Flux.concat(Mono.just("data: 1\n\n".getBytes(US_ASCII)), Flux.never()))
            .then());
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      HttpResponse<InputStream> answer =
          client
              .sendAsync(
                  GATEWAY
                      .request(LIVE + "&live_sse=true")
                      .header("Authorization", "Bearer " + TOKEN)
                      .build(),
                  HttpResponse.BodyHandlers.ofInputStream())
              .join();
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(GATEWAY.shapes.open()).isOne();

      answer.body().close();

      await().atMost(Duration.ofSeconds(2)).until(() -> GATEWAY.shapes.open() == 0);
      client.shutdownNow();
    }
  }

  @Test
  void clientThatBeginsWithHttp2IsServed() {
    GATEWAY.shapes.answerAsLive();

    Integer status =
        reactor.netty.http.client.HttpClient.newConnection()
            .protocol(HttpProtocol.H2C)
            .headers(headers -> headers.set("Authorization", "Bearer " + TOKEN))
            .get()
            .uri(GATEWAY.uri("/shape?offset=-1").toString())
            .responseSingle((response, body) ->
                body.asString()
                    .map(text ->
                        text.equals(FakeUpstream.UP_TO_DATE) ? response.status().code() : 0))
            .block(SOON);

    assertThat(status).isEqualTo(200);
  }
}
