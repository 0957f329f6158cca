package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// What the gateway, in a JVM of its own, adds to the time of an answer: each request goes in turn
/// to the upstream directly and through the gateway. With `-Dpenstock.latency=true`, about a
/// minute, at most five; the figures mean something only on a machine that has nothing else to do.
@EnabledIfSystemProperty(named = "penstock.latency", matches = "true")
@Timeout(100)
class LatencyTest {
  private static final int ROUNDS = Integer.getInteger("penstock.latency.rounds", 2_000);
  private static final int WARM = ROUNDS;
  private static final TestGateway TOKENS =
      new TestGateway(Map.of("penstock.gateway.shape-token-lifetime", "1h"));
  private static final String TOKEN = TOKENS.messagesToken("alice");
  private static final FakeUpstream SHAPES = new FakeUpstream();
  private static final String ROWS =
      IntStream.range(0, 100)
          .mapToObj(i ->
              "{\"key\":\"\\\"public\\\".\\\"messages\\\"/\\\"%d\\\"\",\"value\":{\"id\":\"%d\",\"content\":\"%s\"}}"
                  .formatted(i, i, "word ".repeat(30)))
          .collect(Collectors.joining(",", "[", "]"));

  private static GatewayProcess gateway;
  private static Crowd through;
  private static Crowd direct;

  @BeforeAll
  static void start() throws IOException {
    Map<String, Object> properties =
        new HashMap<>(TestGateway.properties(TOKENS.database, SHAPES.url(), SHAPES.url()));
    properties.put("penstock.gateway.user-rate", 1_000_000);
    properties.put("penstock.gateway.address-rate", 1_000_000);
    gateway = new GatewayProcess(properties);
    through = new Crowd(gateway.port());
    direct = new Crowd(Integer.parseInt(SHAPES.url().replaceAll(".*:", "")));
  }

  @AfterAll
  static void close() {
    through.close();
    direct.close();
    gateway.close();
    SHAPES.close();
    TOKENS.close();
  }

  /// One request.
  private interface Way {
    /// @return nanoseconds until the answer is whole
    long take(Crowd crowd, String path, int round) throws Exception;
  }

  @Test
  void liveChangeToOneHeldPoll() throws Exception {
    BlockingQueue<Sinks.Empty<Void>> held = new LinkedBlockingQueue<>();
    SHAPES.answerWith((request, response) -> {
      Sinks.Empty<Void> change = Sinks.empty();
      held.add(change);
      return change.asMono().then(Mono.from(FakeUpstream.live(request, response)));
    });

    compare(
        "live change",
        (crowd, path, round) -> {
          CompletableFuture<Crowd.Got> poll =
              crowd.start(path + "?offset=0_0&handle=h&live=true&cursor=" + round, TOKEN);
          // A poll that was refused never gets here.
          Sinks.Empty<Void> change = requireNonNull(held.poll(10, TimeUnit.SECONDS), "no poll");
          long start = System.nanoTime();
          change.tryEmitEmpty();
          assertThat(poll.get(10, TimeUnit.SECONDS).body()).isEqualTo(FakeUpstream.UP_TO_DATE);
          return System.nanoTime() - start;
        });
  }

  @Test
  void snapshotOfAHundredRows() throws Exception {
    SHAPES.answerWith((_, response) ->
        FakeUpstream.json(response.header("cache-control", "public, max-age=604800"), ROWS));

    compare("snapshot of 100 rows", whole("?offset=-1", ROWS));
  }

  @Test
  void immediateCatchUp() throws Exception {
    SHAPES.answerAsLive();

    compare("catch-up", whole("?offset=0_0&handle=h", FakeUpstream.UP_TO_DATE));
  }

  private static Way whole(String query, String body) {
    return (crowd, path, _) -> {
      long start = System.nanoTime();
      Crowd.Got got = crowd.start(path + query, TOKEN).get(10, TimeUnit.SECONDS);
      long took = System.nanoTime() - start;
      assertThat(got.body().getBytes(UTF_8)).hasSize(body.length());
      return took;
    };
  }

  private static void compare(String what, Way way) throws Exception {
    long[] directly = new long[ROUNDS];
    long[] throughGateway = new long[ROUNDS];
    for (int i = -WARM; i < ROUNDS; i++) {
      long before = way.take(direct, "/v1/shape", i);
      long added = way.take(through, "/shape", i);
      if (i >= 0) {
        directly[i] = before;
        throughGateway[i] = added;
      }
    }
    double added = percentile(throughGateway, 50) - percentile(directly, 50);
    System.out.printf(
        "%s: p50 %.3f ms directly, %.3f ms through; p99 %.3f ms and %.3f ms; load %.1f%n",
        what,
        percentile(directly, 50),
        percentile(throughGateway, 50),
        percentile(directly, 99),
        percentile(throughGateway, 99),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    assertThat(added).as("milliseconds added to the median").isLessThanOrEqualTo(1);
  }

  private static double percentile(long[] nanos, int percent) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }
}
