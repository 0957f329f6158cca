package dev.penstock.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  @TempDir Path root;

  /// A run in which the bridge drained at these rates, a bare reader at 1 000 rows/s.
  private Path run(String name, double... rates) throws IOException {
    Results results = new Results();
    for (double rate : rates) {
      results.add("bridge", "bridge", "2-row transactions", "rows/s", rate);
      results.add("bridge", "bare reader", "2-row transactions", "rows/s", 1_000);
    }
    Map<String, String> environment =
        Map.of("commit", "c0ffee", "machine", "a machine", "size", "full");
    Path directory = Files.createDirectories(root.resolve("results").resolve(name));
    Report report = new Report(environment, results, Size.FULL);
    Files.writeString(directory.resolve("results.json"), report.json());
    Files.writeString(directory.resolve("report.md"), report.markdown(List.of()));
    return directory;
  }

  @Test
  void ratiosOfRunsAreAsFarApartAsTheirMostAndLeast() throws IOException {
    Path first = run("run-1", 900, 500, 510);
    Path second = run("run-2", 540);
    Path third = run("run-3", 600);

    Comparison all = Comparison.of(List.of(first, second, third));

    assertThat(all.markdown())
        .contains(
            "| bridge throughput, 2-row transactions | 0.51 × | 0.54 × | 0.60 × | 16.7 % | agreed |")
        .contains("| bridge throughput, 1 000-row transactions | – | – | – | not measured |  |");
    assertThat(Comparison.of(List.of(first, run("run-4", 700), second)).markdown())
        .contains("| 35.2 % | **apart** |");
  }

  @Test
  void missingRunIsNamed() {
    assertThatThrownBy(() -> Comparison.of(List.of(root, root)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("results.json does not exist");
  }

  @Test
  void publicationReplacesWhatIsBetweenTheMarks() throws IOException {
    Path full = run("full", 512);
    List<Path> runs = new ArrayList<>();
    for (double rate : new double[] {500, 540}) {
      runs.add(run("full/run-" + rate, rate));
    }
    Comparison.write(runs, full);
    Path readme = root.resolve("README.md");
    Files.writeString(
        readme, "before\n" + Publication.BEGIN + "\nstale\n" + Publication.END + "\nafter\n");

    new Publication(root).publish(full);
    new Publication(root).publish(full);

    assertThat(Files.readString(readme))
        .startsWith("before\n" + Publication.BEGIN + "\n")
        .endsWith(Publication.END + "\nafter\n")
        .doesNotContain("stale")
        .contains("(full, 2 runs)")
        .containsOnlyOnce(
            "| bridge throughput, 2-row transactions | ≥ 0.25 × bare reader | 512 rows/s | bare reader: 1,000 rows/s | 0.51 × | held | 7.69 % |");
    assertThat(root.resolve("infra/bench/measured/report.md")).isNotEmptyFile();
  }
}
