package dev.penstock.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class CanaryLagTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CanaryLag canary = new CanaryLag();

  @Test
  void ageIsSinceTheLastCommitAndLagIsWhatThatOneTook() {
    canary.export(meters, "here");
    assertThat(gauge("age")).isNaN();
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());

    canary.arrived(now - 7_000_000);
    canary.arrived(now - 9_000_000);

    assertThat(canary.last()).hasValue(now - 7_000_000);
    assertThat(gauge("lag")).isBetween(7.0, 60.0);
    assertThat(gauge("age")).isGreaterThanOrEqualTo(gauge("lag"));

    canary.forget();
    assertThat(gauge("age")).isNaN();
    assertThat(gauge("lag")).isNaN();
    assertThat(canary.last()).isEmpty();
  }

  private double gauge(String name) {
    return meters.get("penstock.canary." + name + ".seconds").tag("stage", "here").gauge().value();
  }
}
