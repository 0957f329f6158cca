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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// What clients that wait and clients that stall cost a gateway of 512 MB of heap, in a JVM of its
/// own, each as the difference of two counts, so that what the first of them warm up is not theirs.
/// The short form has fewer clients, held to the same cost each, and of each kind the dearest. With
/// `-Dpenstock.memory=true` up to 9 000 that wait and 1 100 that stall, of every kind: a few
/// minutes, and 20 000 open files.
///
/// Polls come last: they leave connections to the upstream open, which others would find.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MemoryTest {
  private static final boolean MANY = Boolean.getBoolean("penstock.memory");
  private static final int FEW_POLLS = 100;
  private static final int POLLS = MANY ? 9_000 : 300;
  private static final int FEW_STALLED = MANY ? 100 : 60;
  private static final int STALLED = MANY ? 1_100 : 160;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  // Longer than an answer's beginning is kept.
  private static final Duration SETTLED = Duration.ofMillis(2_100);
  private static final String LIVE = "/shape?offset=0_0&handle=h&live=true&cursor=";
  private static final int PIECE = 8_000;
  private static final long EACH = 48_000;
  // Kept for 2 s for those who might join an answer: a quarter of `shapes-total`. Netty's pool
  // does not give its pieces back at once.
  private static final long BEGINNINGS = 16 << 20;

  private static final TestGateway TOKENS =
      new TestGateway(Map.of("penstock.gateway.shape-token-lifetime", "9m"));
  private static final String TOKEN = TOKENS.messagesToken("alice");
  private static final FakeUpstream SHAPES = new FakeUpstream();

  private static GatewayProcess gateway;
  private final List<StalledClient> clients = new ArrayList<>();

  @AfterEach
  void release() {
    clients.forEach(StalledClient::close);
    awaitReaders(0);
  }

  @BeforeAll
  static void warmUp() throws IOException {
    gateway = new GatewayProcess(properties());
    try (Crowd crowd = new Crowd(gateway.port())) {
      for (int i = 0; i < 100; i++) {
        crowd.start(LIVE + "w" + i, TOKEN).join();
      }
    }
  }

  @AfterAll
  static void close() {
    gateway.close();
    SHAPES.close();
    TOKENS.close();
  }

  static List<Arguments> polls() {
    Arguments own = Arguments.of(false, 25_000);
    return MANY ? List.of(Arguments.of(true, 15_000), own) : List.of(own);
  }

  /// A poll that nobody shares has a connection of its own to the upstream too.
  @ParameterizedTest
  @Order(2)
  @MethodSource("polls")
  void heldPollCostsAtMost(boolean oneShape, long bytes) throws IOException {
    // Given
    Sinks.Empty<Void> change = Sinks.empty();
    SHAPES.answerWith((request, response) ->
        change.asMono().then(Mono.from(FakeUpstream.live(request, response))));

    // When
    Crowd crowd = new Crowd(gateway.port());
    List<CompletableFuture<Crowd.Got>> held = new ArrayList<>();
    hold(crowd, held, FEW_POLLS, oneShape);
    GatewayProcess.Memory few = settled();
    hold(crowd, held, POLLS, oneShape);
    GatewayProcess.Memory all = settled();
    assertThat(held).noneMatch(CompletableFuture::isDone);

    // Then
    int more = POLLS - FEW_POLLS;
    long heapEach = (all.heap() - few.heap()) / more;
    System.out.printf(
        "%d held polls, %s: %d B of heap and %d B of direct memory each; heap %d MiB%n",
        POLLS,
        oneShape ? "one shape" : "a shape each",
        heapEach,
        (all.direct() - few.direct()) / more,
        all.heap() >> 20);
    assertThat(heapEach).isLessThanOrEqualTo(bytes);
    assertThat(SHAPES.received()).hasSize(oneShape ? 1 : POLLS);
    long start = System.nanoTime();
    change.tryEmitEmpty();
    assertThat(Crowd.all(held)).allMatch(got -> got.status() == 200);
    System.out.printf("all answered after %d ms%n", (System.nanoTime() - start) / 1_000_000);
    crowd.close();
  }

  private static void hold(
      Crowd crowd, List<CompletableFuture<Crowd.Got>> held, int polls, boolean oneShape) {
    while (held.size() < polls) {
      int i = held.size();
      held.add(crowd.start(LIVE + (oneShape ? "all" : i), TOKEN));
      if (i % 50 == 49) {
        // A burst of connections beyond the listen backlog would be refused by the kernel.
        awaitReaders(i + 1);
      }
    }
    awaitReaders(polls);
    await().atMost(PATIENCE).until(() -> SHAPES.open() == (oneShape ? 1 : polls));
  }

  static List<String> stalling() {
    String stream = "/shape?offset=0_0&handle=h%d&live=true&live_sse=true";
    String own = "/shape?offset=0_0&handle=h%d";
    return MANY ? List.of(stream, own, "/shape?offset=0_0&handle=all") : List.of(stream, own);
  }

  /// A stream, a snapshot that nobody else reads, and one that all of them share.
  @ParameterizedTest
  @Order(1)
  @MethodSource("stalling")
  void thousandStalledReadersStayWithin64Mebibytes(String path) throws IOException {
    // Given
    byte[] piece = "x".repeat(PIECE).getBytes(US_ASCII);
    AtomicLong sent = new AtomicLong();
    SHAPES.answerWith((_, response) ->
        response
            .header("content-type", path.contains("sse") ? "text/event-stream" : "application/json")
            .sendByteArray(
                Flux.range(0, 1_000_000).map(_ -> piece).doOnNext(_ -> sent.incrementAndGet())));

    // When
    stall(FEW_STALLED, path, sent);
    GatewayProcess.Memory few = settled();
    stall(STALLED, path, sent);
    GatewayProcess.Memory all = settled();

    // Then
    int more = STALLED - FEW_STALLED;
    System.out.printf(
        "%d stalled readers of %s: %d B of heap and %d B of direct memory each; direct %d MiB%n",
        STALLED,
        path,
        (all.heap() - few.heap()) / more,
        (all.direct() - few.direct()) / more,
        all.direct() >> 20);
    assertThat(gateway.readers()).isEqualTo(STALLED);
    boolean ownSnapshot = path.endsWith("%d");
    assertThat(all.total() - few.total())
        .isLessThanOrEqualTo(more * EACH + (ownSnapshot ? BEGINNINGS : 0));
  }

  private void stall(int count, String path, AtomicLong sent) {
    while (clients.size() < count) {
      clients.add(new StalledClient(gateway.port(), path.formatted(clients.size()), TOKEN));
    }
    awaitReaders(count);
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(MANY ? 1_000 : 400))
        .atMost(PATIENCE)
        .until(() -> sent.get() == last.getAndSet(sent.get()));
  }

  /// What is left when nothing more is given back: an answer's beginning is kept for 2 s, and what
  /// the case before held goes a little later than its connections.
  private static GatewayProcess.Memory settled() throws IOException {
    GatewayProcess.Memory last = gateway.memory();
    long stableSince = System.nanoTime();
    while (System.nanoTime() - stableSince < SETTLED.toNanos()) {
      await().pollDelay(Duration.ofMillis(250)).until(() -> true);
      GatewayProcess.Memory now = gateway.memory();
      if (now.total() < last.total() * 0.995) {
        stableSince = System.nanoTime();
      }
      last = now;
    }
    return last;
  }

  private static void awaitReaders(int count) {
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(PATIENCE)
        .until(gateway::readers, now -> now == count);
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
