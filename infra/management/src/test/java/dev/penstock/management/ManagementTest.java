package dev.penstock.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ManagementTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void aNeededPartThatIsDownMakesUnreadyAndADetailOnlyTheWhole() throws Exception {
    AtomicBoolean database = new AtomicBoolean(true);
    AtomicBoolean canary = new AtomicBoolean(true);
    Parts parts =
        new Parts(
            List.of(
                Part.needed("database", database::get, Map::of),
                new Part("canary", false, canary::get, () -> Map.of("ageSeconds", 3))));
    try (Management management = start(parts, 0)) {
      assertThat(get(management, "/actuator/health").body())
          .isEqualTo(
              "{\"status\":\"UP\",\"components\":{\"database\":{\"status\":\"UP\"},"
                  + "\"canary\":{\"status\":\"UP\",\"details\":{\"ageSeconds\":3}}}}");

      canary.set(false);
      assertThat(get(management, "/actuator/health").statusCode()).isEqualTo(503);
      assertThat(get(management, "/actuator/health/readiness").statusCode()).isEqualTo(200);

      database.set(false);
      assertThat(get(management, "/actuator/health/readiness").statusCode()).isEqualTo(503);
      assertThat(get(management, "/actuator/health/liveness").statusCode()).isEqualTo(200);
      assertThat(get(management, "/actuator/health/database").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void metersAreInPrometheusText() throws Exception {
    meters.counter("penstock.test").increment();
    try (Management management = start(new Parts(List.of()), 0)) {
      assertThat(get(management, "/actuator/prometheus").body()).contains("penstock_test_total 1");
    }
  }

  @Test
  void aTakenPortIsNamedWithItsSetting() {
    try (Management first = start(new Parts(List.of()), 0)) {
      assertThatThrownBy(() -> start(new Parts(List.of()), first.port()).close())
          .hasMessageStartingWith(
              "penstock.test.management-port: nothing can listen on 127.0.0.1:");
    }
    assertThatThrownBy(() -> Management.wanted("penstock.test", -2))
        .hasMessageStartingWith("penstock.test.management-port must be");
  }

  @Test
  void aQuestionThatHangsIsNoAnswerAndOneThatIsAnsweredAgainIs() throws Exception {
    AtomicBoolean hangs = new AtomicBoolean();
    CountDownLatch thaw = new CountDownLatch(1);
    try (Probe probe =
        new Probe(
            "test",
            () -> {
              if (hangs.get()) {
                thaw.await();
              }
              return true;
            },
            Duration.ofMillis(20),
            Duration.ofMillis(500))) {
      await().atMost(SOON).until(probe::isUp);
      hangs.set(true);
      await().atMost(SOON).until(() -> !probe.isUp());
      hangs.set(false);
      thaw.countDown();
      await().atMost(SOON).until(probe::isUp);
    }
  }

  private Management start(HealthSource health, int port) {
    return Management.start("penstock.test", "127.0.0.1", port, health, meters);
  }

  private static HttpResponse<String> get(Management management, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management.port() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
