package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/// What is over a limit gets a clear answer that the official client can wait with, and a metric.
class LimitsTest {
  private static final TestGateway GATEWAY =
      new TestGateway(
          Map.ofEntries(
              Map.entry("penstock.gateway.trusted-proxies", 1),
              Map.entry("penstock.gateway.user-rate", 1),
              Map.entry("penstock.gateway.user-burst", 20),
              Map.entry("penstock.gateway.address-rate", 1),
              Map.entry("penstock.gateway.address-burst", 30),
              Map.entry("penstock.gateway.held-per-user", 3),
              Map.entry("penstock.gateway.held-per-address", 5),
              Map.entry("penstock.gateway.held", 8),
              Map.entry("penstock.gateway.max-headers", 20),
              Map.entry("penstock.gateway.max-url", "4KB")));
  private static final Crowd CROWD = new Crowd(GATEWAY.port());
  private static final String LIVE = "/shape?offset=0_0&handle=h&live=true&cursor=";

  private static int addresses;

  private final List<CompletableFuture<Crowd.Got>> polls = new ArrayList<>();
  private int cursor;

  @AfterAll
  static void close() {
    CROWD.close();
    GATEWAY.close();
  }

  @BeforeEach
  void answer() {
    GATEWAY.shapes.answerAsLive();
  }

  @AfterEach
  void letGo() {
    polls.forEach(poll -> poll.cancel(true));
    await().atMost(Duration.ofSeconds(10)).until(() -> GATEWAY.meter("penstock.gateway.held") == 0);
  }

  @Test
  void userOverItsRateIsAskedToWaitInElectricsForm() {
    String token = token("rate");
    double before = refused("user-rate");

    HttpResponse<String> last =
        untilRefused(() ->
            GATEWAY.send(
                from(address(), "/shape?offset=-1")
                    .header("Origin", TestGateway.ORIGIN)
                    .header("Authorization", "Bearer " + token)));

    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(last.headers().firstValue("retry-after")).contains("1");
    assertThat(last.headers().firstValue("content-type")).contains("application/json");
    assertThat(last.headers().firstValue("cache-control")).contains("no-store");
    assertThat(last.headers().firstValue("access-control-allow-origin"))
        .contains(TestGateway.ORIGIN);
    assertThat(last.headers().firstValue("access-control-expose-headers").orElseThrow())
        .contains("retry-after");
    assertThat(TestGateway.json(last).get("code").asString()).isEqualTo("rate_limit_exceeded");
    assertThat(refused("user-rate")).isGreaterThan(before);
    assertThat(GATEWAY.shapes.received()).hasSizeBetween(19, 25);
    assertThat(
            GATEWAY
                .send(
                    from(address(), "/shape?offset=-1")
                        .header("Authorization", "Bearer " + token("other")))
                .statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/shapes/auth-token", "/questions/send", "/conversations"})
  void userOverItsRateIsRefusedWithAProblemElsewhere(String path) {
    String auth = TestGateway.authToken("user of " + path);

    HttpResponse<String> last =
        untilRefused(() ->
            GATEWAY.send(
                from(address(), path)
                    .header("Authorization", "Bearer " + auth)
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))));

    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(last.headers().firstValue("retry-after")).isPresent();
    assertThat(last.headers().firstValue("content-type")).contains("application/problem+json");
  }

  @Test
  void addressOverItsRateIsRefusedWhateverItsTokensAndOthersAreNot() {
    String flooded = address();
    double before = refused("address-rate");

    HttpResponse<String> last =
        untilRefused(() ->
            GATEWAY.send(
                from("6.6.6.6, " + flooded, "/shape?offset=-1")
                    .header("Authorization", "Bearer x")));

    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(TestGateway.json(last).get("message").isString()).isTrue();
    assertThat(refused("address-rate")).isGreaterThan(before);
    assertThat(GATEWAY.send(from("6.6.6.6", "/shape")).statusCode()).isEqualTo(401);
    assertThat(GATEWAY.send(from(flooded + ", " + address(), "/")).statusCode()).isEqualTo(200);
  }

  @Test
  void oneIpv6NetworkIsOneAddress() {
    HttpResponse<String> last =
        untilRefused(
            () -> GATEWAY.send(from("2001:db8:0:%x:1::%x".formatted(7, addresses++), "/shape")));

    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(GATEWAY.send(from("2001:db8:0:8::1", "/shape")).statusCode()).isEqualTo(401);
  }

  @Test
  void pollsHeldByOneUserAreBoundedAndCountedBack() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    String token = token("holder");
    hold(3, token, address());

    Crowd.Got over = poll(token, address()).join();

    assertThat(over.status()).isEqualTo(429);
    assertThat(over.retryAfter()).matches("[345]");
    assertThat(over.body()).contains("concurrent_request_limit_exceeded");
    polls.getFirst().cancel(true);
    await().atMost(Duration.ofSeconds(5)).until(() -> GATEWAY.meter("penstock.gateway.held") == 2);
    hold(1, token, address());
    assertThat(refused("user-held")).isPositive();
  }

  @Test
  void pollsHeldFromOneAddressAreBounded() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    String address = address();
    hold(3, token("h1"), address);
    hold(2, token("h2"), address);

    assertThat(poll(token("h3"), address).join().status()).isEqualTo(429);

    hold(1, token("h3"), address());
    assertThat(refused("address-held")).isPositive();
  }

  @Test
  void pollsHeldInAllAreBounded() {
    GATEWAY.shapes.answerWith((_, _) -> Mono.never());
    hold(3, token("a1"), address());
    hold(3, token("a2"), address());
    hold(2, token("a3"), address());

    Crowd.Got over = poll(token("a4"), address()).join();

    assertThat(over.status()).isEqualTo(503);
    assertThat(Integer.parseInt(over.retryAfter())).isBetween(6, 10);
    assertThat(over.body()).contains("concurrent_request_limit_exceeded");
    assertThat(refused("held")).isPositive();
  }

  @Test
  void longUrlAndManyHeadersAreRefusedWithCorsHeaders() {
    HttpResponse<String> url =
        GATEWAY.send(
            from(address(), "/shape?offset=-1&subset__where=" + "x".repeat(5_000))
                .header("Origin", TestGateway.ORIGIN));
    HttpRequest.Builder many = from(address(), "/shape").header("Origin", TestGateway.ORIGIN);
    IntStream.range(0, 30).forEach(i -> many.header("x-" + i, "1"));
    HttpResponse<String> headers = GATEWAY.send(many);

    assertThat(url.statusCode()).isEqualTo(414);
    assertThat(headers.statusCode()).isEqualTo(431);
    assertThat(List.of(url, headers))
        .allSatisfy(answer ->
            assertThat(answer.headers().firstValue("access-control-allow-origin"))
                .contains(TestGateway.ORIGIN));
    assertThat(refused("url")).isPositive();
    assertThat(refused("headers")).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/shape", "/shapes/auth-token", "/conversations"})
  void bodyBeyondItsLimitIsRefusedAndCounted(String path) {
    String token = path.equals("/shape") ? token("large") : TestGateway.authToken("large");
    double before = refused("body");

    HttpResponse<String> answer =
        GATEWAY.send(
            from(address(), path)
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(300_000))));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(refused("body")).isEqualTo(before + 1);
  }

  @Test
  void connectionsBeyondTheirLimitAreClosedAndCounted() throws IOException {
    try (TestGateway small =
        new TestGateway(GATEWAY.database, Map.of("penstock.gateway.max-connections", 2))) {
      List<Socket> open = new ArrayList<>();
      try {
        for (int i = 0; i < 2; i++) {
          open.add(new Socket(InetAddress.getLoopbackAddress(), small.port()));
        }
        await()
            .atMost(Duration.ofSeconds(5))
            .until(() -> small.meter("penstock.gateway.connections") == 2);

        try (Socket over = new Socket(InetAddress.getLoopbackAddress(), small.port())) {
          over.setSoTimeout(5_000);
          assertThat(over.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(small.meter("penstock.gateway.refused", "limit", "connections")).isEqualTo(1);
      } finally {
        for (Socket socket : open) {
          socket.close();
        }
      }
    }
  }

  /// Before there is a request that a filter could see.
  @ParameterizedTest
  @CsvSource({"414, url", "431, headers"})
  void urlAndHeadersBeyondTheServersOwnLimitsAreRefusedToo(int status, String limit) {
    double before = refused(limit);

    RawHttp.Answer answer =
        RawHttp.send(
            GATEWAY.port(),
            "GET /%s HTTP/1.1\r\nHost: a\r\nx: %s\r\n\r\n"
                .formatted(
                    "x".repeat(status == 414 ? 70_000 : 1),
                    "y".repeat(status == 431 ? 30_000 : 1)));

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text())
        .containsIgnoringCase("content-type: application/problem+json")
        .contains("\"status\":" + status, "too long");
    assertThat(refused(limit)).isEqualTo(before + 1);
  }

  private void hold(int count, String token, String address) {
    double before = GATEWAY.meter("penstock.gateway.held");
    for (int i = 0; i < count; i++) {
      var _ = poll(token, address);
    }
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> GATEWAY.meter("penstock.gateway.held") == before + count);
  }

  private CompletableFuture<Crowd.Got> poll(String token, String address) {
    CompletableFuture<Crowd.Got> poll =
        CROWD.start(LIVE + cursor++, token, "X-Forwarded-For", address);
    polls.add(poll);
    return poll;
  }

  private static HttpResponse<String> untilRefused(Supplier<HttpResponse<String>> request) {
    HttpResponse<String> answer = request.get();
    for (int i = 0; i < 60 && answer.statusCode() != 429; i++) {
      answer = request.get();
    }
    return answer;
  }

  private static HttpRequest.Builder from(String address, String path) {
    return GATEWAY.request(path).header("X-Forwarded-For", address);
  }

  private static String token(String user) {
    HttpResponse<String> answer =
        GATEWAY.send(
            from(address(), "/shapes/auth-token")
                .header("Authorization", "Bearer " + TestGateway.authToken(user))
                .POST(HttpRequest.BodyPublishers.ofString("{\"table\":\"conversations\"}")));
    return TestGateway.json(answer).get("token").asString();
  }

  private static String address() {
    int next = addresses++;
    return "10.0.%d.%d".formatted(next / 200, next % 200);
  }

  private static double refused(String limit) {
    return GATEWAY.meter("penstock.gateway.refused", "limit", limit);
  }
}
