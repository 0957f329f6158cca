package dev.penstock.bridge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RouterStatusTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T08:00:00Z"));
  private final RouterStatus status = new RouterStatus(now::get);

  @Test
  void aFailureThatLastsIsDownAndProgressEndsIt() {
    status.read(OptionalLong.of(7), true);
    status.failed(new IllegalStateException("a poison record"));
    assertThat(status.down()).isFalse();
    now.updateAndGet(at -> at.plus(Duration.ofSeconds(31)));

    // A round that routed nothing of what there was is none.
    status.read(OptionalLong.of(7), false);
    status.read(OptionalLong.empty(), false);
    status.failed(new IllegalStateException("a poison record"));
    assertThat(status.down()).isTrue();
    assertThat(status.failure().orElseThrow().count()).isEqualTo(2);
    assertThat(status.lag()).hasValue(7);

    status.read(OptionalLong.of(6), true);
    assertThat(status.down()).isFalse();
    assertThat(status.failure()).isEmpty();
  }

  @Test
  void whatOnlyAPersonMendsIsDownAtOnce() {
    status.failed(new RoutedBeforeException("a.topic"));

    assertThat(status.down()).isTrue();
  }

  @Test
  void anErrorEndsTheTerm() throws Exception {
    Routing routing = new Routing(new Topics("t"), (short) 1, "db", Map.of(), Map.of(), false);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Map<String, Object> broken =
        new AbstractMap<>() {
          @Override
          public Set<Entry<String, Object>> entrySet() {
            throw new NoClassDefFoundError("a test's");
          }
        };

    try (Router router =
        new Router(
            routing,
            broken,
            new BridgeMetrics(new SimpleMeterRegistry()),
            status,
            ended::complete)) {
      router.start();

      assertThat(ended.get(30, TimeUnit.SECONDS)).hasRootCauseMessage("a test's");
    }
    assertThat(status.running()).isFalse();
    assertThat(status.down()).isTrue();
  }
}
