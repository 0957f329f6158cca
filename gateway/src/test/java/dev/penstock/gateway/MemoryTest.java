package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// What clients that wait and clients that stall cost a gateway of 512 MB of heap, in a JVM of its
/// own. With `-Dpenstock.memory=true`, about 2 minutes; needs 20 000 open files.
@EnabledIfSystemProperty(named = "penstock.memory", matches = "true")
class MemoryTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final TestGateway TOKENS =
      new TestGateway(Map.of("penstock.gateway.shape-token-lifetime", "9m"));
  private static final String TOKEN = TOKENS.messagesToken("alice");
  private static final String LIVE = "/shape?offset=0_0&handle=h&live=true&cursor=";

  @AfterAll
  static void close() {
    TOKENS.close();
  }

  @Test
  void nineThousandPollsOfOneShapeCostAtMost25KilobytesOfHeapEach() throws IOException {
    hold(9_000, true, 25_000);
  }

  @Test
  void pollThatNobodySharesCostsItsOwnConnectionToTheUpstreamToo() throws IOException {
    hold(4_000, false, 50_000);
  }

  private static void hold(int polls, boolean oneShape, long most) throws IOException {
    Sinks.Empty<Void> change = Sinks.empty();
    try (FakeUpstream shapes = new FakeUpstream();
        GatewayProcess gateway = new GatewayProcess(properties(shapes));
        Crowd crowd = new Crowd(gateway.port())) {
      // Given
      shapes.answerWith(FakeUpstream::live);
      for (int i = 0; i < 300; i++) {
        crowd.start(LIVE + "w" + i, TOKEN).join();
      }
      shapes.answerWith((request, response) ->
          change.asMono().then(Mono.from(FakeUpstream.live(request, response))));
      GatewayProcess.Memory before = gateway.memory();

      // When
      List<CompletableFuture<Crowd.Got>> held = new ArrayList<>();
      for (int i = 0; i < polls; i++) {
        held.add(crowd.start(LIVE + (oneShape ? 0 : i), TOKEN));
        if (i % 50 == 0) {
          // A burst of connections beyond the listen backlog would be refused by the kernel.
          await().pollDelay(Duration.ofMillis(50)).until(() -> true);
        }
      }
      GatewayProcess.Memory with = awaitHeld(gateway, polls);
      assertThat(held).noneMatch(CompletableFuture::isDone);

      // Then
      long heapEach = (with.heap() - before.heap()) / polls;
      System.out.printf(
          "%d held polls, %s: %d B of heap and %d B of direct memory each; heap %d MiB%n",
          polls,
          oneShape ? "one shape" : "a shape each",
          heapEach,
          (with.direct() - before.direct()) / polls,
          with.heap() >> 20);
      assertThat(heapEach).isLessThanOrEqualTo(most);
      assertThat(shapes.received()).hasSize(oneShape ? 1 : polls);
      long start = System.nanoTime();
      change.tryEmitEmpty();
      assertThat(Crowd.all(held)).allMatch(got -> got.status() == 200);
      System.out.printf("all answered after %d ms%n", (System.nanoTime() - start) / 1_000_000);
    }
  }

  @Test
  void thousandStalledReadersStayWithin64Mebibytes() throws IOException {
    byte[] piece = "x".repeat(8_000).getBytes(US_ASCII);
    try (FakeUpstream shapes = new FakeUpstream();
        GatewayProcess gateway = new GatewayProcess(properties(shapes));
        Crowd crowd = new Crowd(gateway.port())) {
      shapes.answerWith(FakeUpstream::live);
      for (int i = 0; i < 300; i++) {
        crowd.start(LIVE + "w" + i, TOKEN).join();
      }
      shapes.answerWith((_, response) ->
          response
              .header("content-type", "text/event-stream")
              .sendByteArray(Flux.range(0, 1_000_000).map(_ -> piece)));
      GatewayProcess.Memory before = gateway.memory();
      List<StalledClient> clients = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        clients.add(new StalledClient(gateway.port(), LIVE + i + "&live_sse=true", TOKEN));
      }
      await().atMost(PATIENCE).until(() -> shapes.open() == 1_000);
      await().pollDelay(Duration.ofSeconds(30)).atMost(PATIENCE).until(() -> true);

      GatewayProcess.Memory with = gateway.memory();

      System.out.printf(
          "1000 stalled readers: %d MiB of heap, %d MiB of direct memory%n",
          (with.heap() - before.heap()) >> 20, (with.direct() - before.direct()) >> 20);
      assertThat(shapes.open()).isEqualTo(1_000);
      assertThat(with.total() - before.total()).isLessThanOrEqualTo(64L << 20);
      clients.forEach(StalledClient::close);
    }
  }

  private static GatewayProcess.Memory awaitHeld(GatewayProcess gateway, int polls)
      throws IOException {
    GatewayProcess.Memory now = gateway.memory();
    for (int i = 0; i < 60 && now.held() < polls; i++) {
      await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
      now = gateway.memory();
    }
    assertThat(now.held()).isEqualTo(polls);
    return now;
  }

  private static Map<String, Object> properties(FakeUpstream shapes) {
    Map<String, Object> properties =
        new HashMap<>(TestGateway.properties(TOKENS.database, shapes.url(), shapes.url()));
    properties.putAll(
        Map.of(
            "penstock.gateway.held-per-user", 20_000,
            "penstock.gateway.user-rate", 1_000_000,
            "penstock.gateway.user-burst", 1_000_000,
            "penstock.gateway.address-rate", 1_000_000,
            "penstock.gateway.address-burst", 1_000_000,
            "penstock.gateway.stalled-after", "10m",
            "penstock.gateway.shape-token-lifetime", "30m"));
    return properties;
  }
}
