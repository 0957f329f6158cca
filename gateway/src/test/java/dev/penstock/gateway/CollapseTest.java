package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.server.HttpServerResponse;

/// Equal requests are one request to the upstream.
class CollapseTest {
  private static final TestGateway GATEWAY =
      new TestGateway(
          Map.of(
              "penstock.gateway.shapes-reuse", "3s",
              "penstock.gateway.shapes-window", "1MB",
              "penstock.gateway.held-per-user", 5_000,
              "penstock.gateway.user-rate", 100_000,
              "penstock.gateway.user-burst", 100_000));
  private static final Crowd CROWD = new Crowd(GATEWAY.port());
  private static final String LIVE = "/shape?offset=0_0&handle=h&live=true";
  private static final String ALICE = GATEWAY.messagesToken("alice");
  private static final Duration SOON = Duration.ofSeconds(15);

  private double collapsedBefore;

  @AfterAll
  static void close() {
    CROWD.close();
    GATEWAY.close();
  }

  @BeforeEach
  void count() {
    collapsedBefore = GATEWAY.meter("penstock.gateway.shapes.collapsed");
  }

  @AfterEach
  void nothingIsKept() {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(GATEWAY.meter("penstock.gateway.shapes.readers")).isZero();
          assertThat(GATEWAY.meter("penstock.gateway.shapes.buffer.bytes")).isZero();
          assertThat(GATEWAY.meter("penstock.gateway.held")).isZero();
        });
  }

  /// A log of numbered changes as a shape server holds it: a live request waits for the change
  /// behind its offset.
  private static final class NumberedLog {
    private final Sinks.Many<Integer> tail = Sinks.many().replay().latest();

    NumberedLog() {
      tail.tryEmitNext(0);
    }

    void write(int number) {
      tail.tryEmitNext(number);
    }

    Publisher<Void> answer(FakeUpstream.Received request, HttpServerResponse response) {
      String asked = request.query().getOrDefault("offset", List.of("0_0")).getFirst();
      int offset = Integer.parseInt(asked.replace("_0", ""));
      return tail.asFlux()
          .filter(number -> number > offset)
          .next()
          .flatMap(number ->
              Mono.from(
                  FakeUpstream.json(
                      response
                          .header("electric-handle", "h")
                          .header("electric-offset", number + "_0")
                          .header("electric-cursor", "1")
                          .header("cache-control", "public, max-age=5, stale-while-revalidate=5"),
                      "[%d..%d]".formatted(offset + 1, number))));
    }
  }

  /// An answer may end in the event loop of one of its readers, while another joins it.
  @Test
  void answersThatEndWhileOthersJoinThemHoldNobodyUp() {
    GATEWAY.shapes.answerWith((_, response) -> response.sendString(Flux.just("[", "]")));
    for (int wave = 0; wave < 60; wave++) {
      String path = "/shape?offset=" + wave + "_0&handle=h";

      List<CompletableFuture<Crowd.Got>> answers =
          IntStream.range(0, 64).mapToObj(_ -> CROWD.start(path, ALICE)).toList();

      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(answers).allMatch(CompletableFuture::isDone));
      assertThat(Crowd.all(answers)).allMatch(got -> got.status() == 200);
    }
  }

  @Test
  void tenThousandPollsOfAThousandClientsCostOneUpstreamRequestForAThousand() {
    // Given
    NumberedLog log = new NumberedLog();
    GATEWAY.shapes.answerWith(log::answer);
    int clients = 1_000;
    int cycles = 10;
    AtomicInteger seen = new AtomicInteger();

    // When
    List<CompletableFuture<String>> bodies = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      bodies.add(Crowd.run(poll("0_0", "", ALICE, cycles, seen)));
    }
    for (int cycle = 1; cycle <= cycles; cycle++) {
      int due = clients * cycle;
      await().atMost(SOON).until(() -> GATEWAY.meter("penstock.gateway.held") == clients);
      log.write(cycle);
      await().atMost(SOON).until(() -> seen.get() == due);
    }

    // Then
    assertThat(bodies)
        .allSatisfy(body ->
            assertThat(body.join())
                .isEqualTo("[1..1][2..2][3..3][4..4][5..5][6..6][7..7][8..8][9..9][10..10]"));
    assertThat(GATEWAY.shapes.received()).hasSize(cycles);
    assertThat(GATEWAY.meter("penstock.gateway.shapes.collapsed") - collapsedBefore)
        .isEqualTo((clients - 1.0) * cycles);
  }

  @Test
  void changesFasterThanTheClientsComeBackCostOneUpstreamRequestEach() {
    NumberedLog log = new NumberedLog();
    GATEWAY.shapes.answerWith(log::answer);
    int clients = 300;
    int changes = 40;

    List<CompletableFuture<String>> bodies = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      bodies.add(Crowd.run(poll("0_0", "", ALICE, changes, new AtomicInteger())));
    }
    Flux.interval(Duration.ofMillis(10))
        .take(changes)
        .doOnNext(number -> log.write(number.intValue() + 1))
        .blockLast();

    assertThat(bodies).allSatisfy(body -> assertThat(body.join()).endsWith(".." + changes + "]"));
    // Some clients skip changes and so ask at offsets of their own, but never twice for one.
    assertThat(GATEWAY.shapes.received()).hasSizeLessThanOrEqualTo(changes);
  }

  private static Mono<String> poll(
      String offset, String before, String token, int last, AtomicInteger seen) {
    return CROWD
        .get("/shape?handle=h&live=true&cursor=1&offset=" + offset, token)
        .flatMap(got -> {
          seen.incrementAndGet();
          String so = before + got.body();
          return got.offset().equals(last + "_0")
              ? Mono.just(so)
              : poll(got.offset(), so, token, last, seen);
        });
  }

  @Test
  void otherShapesOffsetsCursorsAndStreamsAreOtherRequests() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    String bob = GATEWAY.messagesToken("bob");

    List<CompletableFuture<Crowd.Got>> polls =
        List.of(
            CROWD.start(LIVE, ALICE),
            CROWD.start(LIVE, bob),
            CROWD.start(LIVE.replace("0_0", "1_0"), ALICE),
            CROWD.start(LIVE.replace("=h", "=i"), ALICE),
            CROWD.start(LIVE + "&cursor=7", ALICE),
            CROWD.start(LIVE + "&expired_handle=g", ALICE),
            CROWD.start(LIVE + "&cache-buster=1", ALICE),
            CROWD.start(LIVE + "&log=full", ALICE),
            CROWD.start(LIVE, ALICE, "If-None-Match", "\"e\""),
            CROWD.start(LIVE + "&live_sse=true", ALICE),
            CROWD.start(LIVE + "&live_sse=true", ALICE));

    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == polls.size());
    assertThat(GATEWAY.meter("penstock.gateway.shapes.collapsed")).isEqualTo(collapsedBefore);
    polls.forEach(poll -> poll.cancel(true));
    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == 0);
  }

  @Test
  void onlyAuthorisedRequestsJoin() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    CompletableFuture<Crowd.Got> held = CROWD.start(LIVE, ALICE);
    await().atMost(SOON).until(() -> GATEWAY.shapes.open() == 1);

    assertThat(CROWD.start(LIVE, ALICE + "x").join().status()).isEqualTo(401);

    assertThat(GATEWAY.meter("penstock.gateway.shapes.collapsed")).isEqualTo(collapsedBefore);
    held.cancel(true);
  }

  @Test
  void lastClientThatLeavesFreesTheUpstreamAndNoneBefore() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    List<CompletableFuture<Crowd.Got>> polls = startTogether(3, LIVE);

    polls.get(0).cancel(true);
    polls.get(2).cancel(true);
    await().atMost(SOON).until(() -> GATEWAY.meter("penstock.gateway.shapes.readers") == 1);
    assertThat(GATEWAY.shapes.open()).isOne();
    polls.get(1).cancel(true);

    await().atMost(Duration.ofSeconds(2)).until(() -> GATEWAY.shapes.open() == 0);
    assertThat(GATEWAY.shapes.received()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"409,409", "503,503", "400,400", "500,503", "0,503"})
  void whateverTheUpstreamAnswersReachesEveryone(int upstream, int expected) {
    Sinks.Empty<Void> gate = Sinks.empty();
    GATEWAY.shapes.answerWith((_, response) ->
        gate.asMono()
            .then(
                upstream == 0
                    ? Mono.error(new IllegalStateException("cut"))
                    : Mono.from(
                        FakeUpstream.json(
                            response
                                .status(upstream)
                                .header("electric-handle", "new")
                                .header("retry-after", "7"),
                            "{\"message\":\"m\"}"))));
    List<CompletableFuture<Crowd.Got>> polls = startTogether(20, LIVE);

    gate.tryEmitEmpty();

    assertThat(Crowd.all(polls))
        .allSatisfy(got -> assertThat(got.status()).isEqualTo(expected))
        .extracting(Crowd.Got::body)
        .containsOnly(polls.getFirst().join().body());
    assertThat(GATEWAY.shapes.received()).hasSize(1);
  }

  @Test
  void upstreamThatDiesInTheMiddleCutsEveryone() {
    Sinks.Many<String> body = Sinks.many().unicast().onBackpressureBuffer();
    GATEWAY.shapes.answerWith(
        (_, response) -> response.sendByteArray(body.asFlux().map(text -> text.getBytes(UTF_8))));
    List<CompletableFuture<Crowd.Got>> polls = startTogether(5, LIVE);

    body.tryEmitNext("[{\"key\":");
    body.tryEmitError(new IllegalStateException("dies"));

    assertThat(polls).allSatisfy(poll -> assertThatThrownBy(poll::join).isNotNull());
  }

  @Test
  void whoComesWhileTheAnswerIsStillWholeGetsAllOfItAndOthersAskAnew() {
    // Given
    List<Sinks.Many<byte[]>> bodies = new ArrayList<>();
    GATEWAY.shapes.answerWith((_, response) -> {
      Sinks.Many<byte[]> body = Sinks.many().unicast().onBackpressureBuffer();
      bodies.add(body);
      return response.sendByteArray(body.asFlux());
    });
    String initial = "/shape?offset=-1";
    CompletableFuture<Crowd.Got> first = CROWD.start(initial, ALICE);
    await().atMost(SOON).until(() -> bodies.size() == 1);

    // When
    bodies.getFirst().tryEmitNext(bytes('a', 500_000));
    await()
        .atMost(SOON)
        .until(() -> GATEWAY.meter("penstock.gateway.shapes.buffer.bytes") == 500_000);
    CompletableFuture<Crowd.Got> second = CROWD.start(initial, ALICE);
    await()
        .atMost(SOON)
        .until(() -> GATEWAY.meter("penstock.gateway.shapes.collapsed") == collapsedBefore + 1);
    bodies.getFirst().tryEmitNext(bytes('b', 700_000));
    await().atMost(SOON).until(() -> GATEWAY.meter("penstock.gateway.shapes.buffer.bytes") == 0);
    CompletableFuture<Crowd.Got> third = CROWD.start(initial, ALICE);
    await().atMost(SOON).until(() -> bodies.size() == 2);
    bodies.forEach(Sinks.Many::tryEmitComplete);

    // Then
    String whole = "a".repeat(500_000) + "b".repeat(700_000);
    assertThat(first.join().body()).isEqualTo(whole);
    assertThat(second.join().body()).isEqualTo(whole);
    assertThat(third.join().body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "offset=0_0&handle=h&live=true&cursor=a, 'public, max-age=5', 1",
    "offset=0_0&handle=h&live=true&cursor=b, 'public, max-age=0', 2",
    "offset=0_0&handle=h&live=true&cursor=c, 'no-store', 2",
    "offset=0_0&handle=h&live=true&cursor=d, 'private, max-age=5', 2",
    "offset=0_0&handle=h&cursor=e, 'public, max-age=60', 2",
    "offset=-1, 'public, max-age=604800, s-maxage=3600', 2"
  })
  void onlyALiveAnswerServesWhoComesAMomentLater(String query, String cacheControl, int requests) {
    GATEWAY.shapes.answerWith(
        (_, response) -> FakeUpstream.json(response.header("cache-control", cacheControl), "[]"));

    assertThat(CROWD.start("/shape?" + query, ALICE).join().body()).isEqualTo("[]");
    assertThat(CROWD.start("/shape?" + query, ALICE).join().body()).isEqualTo("[]");

    assertThat(GATEWAY.shapes.received()).hasSize(requests);
  }

  private static List<CompletableFuture<Crowd.Got>> startTogether(int clients, String path) {
    List<CompletableFuture<Crowd.Got>> polls =
        IntStream.range(0, clients).mapToObj(_ -> CROWD.start(path, ALICE)).toList();
    await()
        .atMost(SOON)
        .until(() ->
            GATEWAY.meter("penstock.gateway.shapes.readers") == clients
                && GATEWAY.shapes.open() == 1);
    return polls;
  }

  private static byte[] bytes(char letter, int count) {
    return String.valueOf(letter).repeat(count).getBytes(UTF_8);
  }
}
