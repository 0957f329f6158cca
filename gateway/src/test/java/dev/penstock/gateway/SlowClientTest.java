package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/// Clients that read slowly or not at all.
class SlowClientTest {
  private static final TestGateway GATEWAY =
      new TestGateway(
          Map.of("penstock.gateway.shapes-window", "1MB", "penstock.gateway.stalled-after", "3s"));
  private static final Crowd CROWD = new Crowd(GATEWAY.port());
  private static final String PATH = "/shape?offset=-1";
  private static final String FAST = GATEWAY.messagesToken("alice");
  private static final int PIECE = 8_000;
  private static final Duration SOON = Duration.ofSeconds(20);

  private final AtomicLong sent = new AtomicLong();

  @AfterAll
  static void close() {
    CROWD.close();
    GATEWAY.close();
  }

  @AfterEach
  void nothingIsKept() {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(GATEWAY.meter("penstock.gateway.shapes.readers")).isZero();
          assertThat(GATEWAY.meter("penstock.gateway.shapes.buffer.bytes")).isZero();
          assertThat(GATEWAY.shapes.open()).isZero();
        });
  }

  @Test
  void slowClientIsCutWithoutHoldingTheOthersAndGetsOnAloneAfterwards() throws Exception {
    // Given
    int pieces = 2_000;
    Sinks.Empty<Void> gate = Sinks.empty();
    GATEWAY.shapes.answerWith(
        (_, response) -> response.sendByteArray(gate.asMono().thenMany(body(pieces))));
    String slow = GATEWAY.shapeToken("carol", "conversations", UUID.randomUUID());
    String same = GATEWAY.shapeToken("carol", "conversations", UUID.randomUUID());
    double cutBefore = GATEWAY.meter("penstock.gateway.shapes.cut", "reason", "slow");

    try (StalledClient stalled = new StalledClient(GATEWAY.port(), PATH, slow)) {
      CompletableFuture<Crowd.Got> quick = CROWD.start(PATH, same);
      await().atMost(SOON).until(() -> GATEWAY.meter("penstock.gateway.shapes.readers") == 2);

      // When
      gate.tryEmitEmpty();

      // Then
      assertThat(quick.join().body()).hasSize(pieces * PIECE);
      assertThat(GATEWAY.shapes.received()).hasSize(1);
      await()
          .atMost(SOON)
          .until(() -> GATEWAY.meter("penstock.gateway.shapes.cut", "reason", "slow") > cutBefore);
      assertThat(stalled.read(Long.MAX_VALUE)).isLessThan((long) pieces * PIECE);
    }
    assertThat(CROWD.start(PATH, slow).join().body()).hasSize(pieces * PIECE);
    assertThat(GATEWAY.shapes.received()).hasSize(2);
  }

  @Test
  void slowClientAloneHoldsTheUpstreamBackAndGetsEverything() {
    int pieces = 4_000;
    GATEWAY.shapes.answerWith((_, response) -> response.sendByteArray(body(pieces)));

    try (StalledClient slow = new StalledClient(GATEWAY.port(), PATH, FAST)) {
      long before = slow.read(100_000);
      await().during(Duration.ofMillis(500)).atMost(SOON).until(sent::get, now -> now < pieces);
      assertThat(GATEWAY.meter("penstock.gateway.shapes.buffer.bytes"))
          .isLessThanOrEqualTo(2.0 * 8_192);
      long all = before + slow.read((long) pieces * PIECE - before);

      assertThat(all).isEqualTo((long) pieces * PIECE);
      assertThat(sent.get()).isEqualTo(pieces);
    }
  }

  @Test
  void clientThatTakesNothingIsCutAndFreesTheUpstream() {
    GATEWAY.shapes.answerWith((_, response) ->
        response.header("content-type", "text/event-stream").sendByteArray(body(1_000_000)));
    List<StalledClient> clients = new ArrayList<>();
    double cutBefore = cut();

    for (int i = 0; i < 20; i++) {
      clients.add(
          new StalledClient(
              GATEWAY.port(), "/shape?offset=0_0&handle=h&live=true&live_sse=true", FAST));
    }
    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == 20);

    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == 0);
    assertThat(cut() - cutBefore).isGreaterThanOrEqualTo(20);
    // By the reader, which stops where the socket does; the connection's own check comes later.
    assertThat(GATEWAY.meter("penstock.gateway.shapes.cut", "reason", "stalled")).isPositive();
    clients.forEach(StalledClient::close);
  }

  private static double cut() {
    return GATEWAY.meter("penstock.gateway.shapes.cut", "reason", "stalled")
        + GATEWAY.meter("penstock.gateway.connections.stalled");
  }

  private Flux<byte[]> body(int pieces) {
    byte[] piece = "x".repeat(PIECE).getBytes(US_ASCII);
    return Flux.range(0, pieces).map(_ -> piece).doOnNext(_ -> sent.incrementAndGet());
  }
}
