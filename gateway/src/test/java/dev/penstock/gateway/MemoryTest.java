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
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// What clients that wait and clients that stall cost a gateway of 512 MB of heap, in a JVM of its
/// own: 500 that wait; with `-Dpenstock.memory=true` 9 000, and 1 000 that stall, about 3 minutes,
/// which needs 20 000 open files.
class MemoryTest {
  private static final boolean MANY = Boolean.getBoolean("penstock.memory");
  private static final int POLLS = MANY ? 9_000 : 500;
  private static final int STALLED = 1_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String LIVE = "/shape?offset=0_0&handle=h&live=true&cursor=";
  private static final int PIECE = 8_000;

  private static final TestGateway TOKENS =
      new TestGateway(Map.of("penstock.gateway.shape-token-lifetime", "9m"));
  private static final String TOKEN = TOKENS.messagesToken("alice");
  private static final FakeUpstream SHAPES = new FakeUpstream();

  private static GatewayProcess gateway;
  private static Crowd crowd;
  // Before there was a connection: those that a test leaves open must not make the next one cheap.
  private static GatewayProcess.Memory bare;

  @BeforeAll
  static void warmUp() throws IOException {
    gateway = new GatewayProcess(properties());
    crowd = new Crowd(gateway.port());
    for (int i = 0; i < 300; i++) {
      crowd.start(LIVE + "w" + i, TOKEN).join();
    }
    bare = awaitHeld(0);
  }

  @AfterAll
  static void close() {
    crowd.close();
    gateway.close();
    SHAPES.close();
    TOKENS.close();
  }

  /// A poll that nobody shares has a connection of its own to the upstream too.
  @ParameterizedTest
  @CsvSource({"true, 15000", "false, 25000"})
  void heldPollCostsAtMost(boolean oneShape, long bytes) throws IOException {
    // Given
    Sinks.Empty<Void> change = Sinks.empty();
    SHAPES.answerWith((request, response) ->
        change.asMono().then(Mono.from(FakeUpstream.live(request, response))));

    // When
    List<CompletableFuture<Crowd.Got>> held = new ArrayList<>();
    for (int i = 0; i < POLLS; i++) {
      held.add(crowd.start(LIVE + (oneShape ? "all" : i), TOKEN));
      if (i % 50 == 0) {
        // A burst of connections beyond the listen backlog would be refused by the kernel.
        await().pollDelay(Duration.ofMillis(50)).until(() -> true);
      }
    }
    await().atMost(PATIENCE).until(() -> SHAPES.open() == (oneShape ? 1 : POLLS));
    GatewayProcess.Memory with = awaitHeld(POLLS);
    assertThat(held).noneMatch(CompletableFuture::isDone);

    // Then
    long heapEach = (with.heap() - bare.heap()) / POLLS;
    System.out.printf(
        "%d held polls, %s: %d B of heap and %d B of direct memory each; heap %d MiB%n",
        POLLS,
        oneShape ? "one shape" : "a shape each",
        heapEach,
        (with.direct() - bare.direct()) / POLLS,
        with.heap() >> 20);
    assertThat(heapEach).isLessThanOrEqualTo(bytes);
    assertThat(SHAPES.received()).hasSize(oneShape ? 1 : POLLS);
    long start = System.nanoTime();
    change.tryEmitEmpty();
    assertThat(Crowd.all(held)).allMatch(got -> got.status() == 200);
    System.out.printf("all answered after %d ms%n", (System.nanoTime() - start) / 1_000_000);
  }

  @Test
  @EnabledIfSystemProperty(named = "penstock.memory", matches = "true")
  void stalledReaderCostsAtMost64Kibibytes() throws IOException {
    // Given
    byte[] piece = "x".repeat(PIECE).getBytes(US_ASCII);
    AtomicLong sent = new AtomicLong();
    SHAPES.answerWith((_, response) ->
        response
            .header("content-type", "text/event-stream")
            .sendByteArray(
                Flux.range(0, 1_000_000).map(_ -> piece).doOnNext(_ -> sent.incrementAndGet())));
    GatewayProcess.Memory before = awaitHeld(0);

    // When
    List<StalledClient> clients = new ArrayList<>();
    for (int i = 0; i < STALLED; i++) {
      clients.add(new StalledClient(gateway.port(), LIVE + i + "&live_sse=true", TOKEN));
    }
    await().atMost(PATIENCE).until(() -> SHAPES.open() == STALLED);
    AtomicLong last = new AtomicLong();
    await()
        .pollInterval(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> sent.get() == last.getAndSet(sent.get()) && sent.get() > STALLED);
    GatewayProcess.Memory with = awaitHeld(STALLED);

    // Then
    System.out.printf(
        "%d stalled readers: %d B of heap and %d B of direct memory each%n",
        STALLED,
        (with.heap() - before.heap()) / STALLED,
        (with.direct() - before.direct()) / STALLED);
    assertThat(SHAPES.open()).isEqualTo(STALLED);
    // 1 000 stay within 64 MiB.
    assertThat((with.total() - before.total()) / STALLED).isLessThanOrEqualTo((64 << 20) / 1_000);
    clients.forEach(StalledClient::close);
  }

  private static GatewayProcess.Memory awaitHeld(int polls) throws IOException {
    GatewayProcess.Memory now = gateway.memory();
    for (int i = 0; i < 120 && now.held() != polls; i++) {
      await().pollDelay(Duration.ofMillis(500)).until(() -> true);
      now = gateway.memory();
    }
    assertThat(now.held()).isEqualTo(polls);
    return now;
  }

  private static Map<String, Object> properties() {
    Map<String, Object> properties =
        new HashMap<>(TestGateway.properties(TOKENS.database, SHAPES.url(), SHAPES.url()));
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
