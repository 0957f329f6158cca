package dev.penstock.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsTest {
  @Test
  void severalRunsTogetherHaveTheRoundsOfAll() {
    Results together = new Results();
    together.add(run(1, 10));
    together.add(run(3, 30));
    together.add(run(2, 20));

    assertThat(together.of(Ways.SEND, "somebody", "rate")).containsExactly(1.0, 3.0, 2.0);
    assertThat(together.median(Ways.SEND, "somebody", "rate")).hasValue(2);
    assertThat(together.histograms().get("send: somebody"))
        .satisfies(all -> assertThat(all.getTotalCount()).isEqualTo(3))
        .satisfies(all -> assertThat(all.getMaxValue() / 1e3).isBetween(29.9, 30.1));
    assertThat(together.costs().values()).containsExactly(List.of(1.0, 3.0, 2.0));
    assertThat(together.took()).containsEntry(Ways.SEND, 6.0);
  }

  private static Results run(double value, int millis) {
    Results run = new Results();
    run.add(Ways.SEND.id(), "somebody", "rate", "requests/s", value);
    Latencies latencies = new Latencies();
    latencies.record(0, 0, millis * 1_000_000L);
    run.latencies(Ways.SEND.id(), "somebody", latencies);
    run.cost("one more", "somewhere", Growth.CPU, value, "µs", "1 → 2");
    run.took(Ways.SEND, value);
    return run;
  }
}
