package dev.penstock.bench;

import static dev.penstock.bench.Budgets.Verdict.HELD;
import static dev.penstock.bench.Budgets.Verdict.MISSED;
import static dev.penstock.bench.Budgets.Verdict.NOT_MEASURED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetsTest {
  private final Results results = new Results();

  private Budgets.Row row(String way) {
    return Budgets.of(results, Size.FULL).stream()
        .filter(row -> row.way().equals(way))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void ratioIsTheMedianOfEachRoundsOwn() {
    double[][] rounds = {{100, 1_000}, {300, 1_000}, {280, 700}};
    for (double[] round : rounds) {
      results.add("bridge", "bridge", "2-row transactions", "rows/s", round[0]);
      results.add("bridge", "bare reader", "2-row transactions", "rows/s", round[1]);
    }

    Budgets.Row row = row("bridge throughput, 2-row transactions");

    assertThat(row.ratio()).isEqualTo("0.30 × (0.10 – 0.40)");
    assertThat(row.verdict()).isEqualTo(HELD);
  }

  @Test
  void whatIsBeyondItsLimitIsMissed() {
    results.add("log", "bridge", "p50", "ms", 5.1);
    results.add("log", "bridge", "p99", "ms", 24.9);

    assertThat(row("commit → readable in the log, 50 tx/s, p50").verdict()).isEqualTo(MISSED);
    assertThat(row("commit → readable in the log, 50 tx/s, p99").verdict()).isEqualTo(HELD);
  }

  @Test
  void withoutItsBaselineOrItsFigureNothingIsKept() {
    results.add("live", "shape-server", "p50", "ms", 3);

    assertThat(row("commit → live client at the shape-server, p50").verdict())
        .isEqualTo(NOT_MEASURED);
    assertThat(row("a streamed answer, text written").verdict()).isEqualTo(NOT_MEASURED);
  }

  @Test
  void unknownArgumentIsNamed() {
    assertThatThrownBy(() -> Options.of(List.of("--fast"), Path.of("results")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--fast");
  }
}
