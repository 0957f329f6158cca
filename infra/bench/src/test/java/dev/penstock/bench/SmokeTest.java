package dev.penstock.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Ways work and the report has what it should; the figures mean nothing. In the test command those
/// that are soon over; `-Dpenstock.bench.ways=log,bridge,live,…`, or `all`, runs others.
class SmokeTest {
  private static final String WAYS = System.getProperty("penstock.bench.ways", "log,inner");

  @TempDir Path directory;

  @Test
  void everyWayGivesFiguresAndTheReportHasARowPerBudget() throws Exception {
    String ways =
        WAYS.equals("all")
            ? Arrays.stream(Ways.values()).map(Ways::id).collect(Collectors.joining(","))
            : WAYS;
    Options options =
        Options.of(
            java.util.List.of("--smoke", "--only", ways, "--seed", "1"),
            directory.resolve("results"));

    assertThat(Bench.run(options).complete()).isTrue();

    JsonNode json = Http.JSON.readTree(Files.readString(options.results().resolve("results.json")));
    Set<String> measured = new TreeSet<>();
    for (JsonNode figure : json.get("figures")) {
      measured.add(figure.get("way").asString());
      assertThat(figure.get("median").asDouble()).as(figure.toString()).isFinite();
      assertThat(figure.get("rounds").size()).isGreaterThanOrEqualTo(1);
    }
    assertThat(measured).containsExactlyInAnyOrder(ways.split(",", -1));
    for (String name : new String[] {"machine", "jvm", "commit", "load average before", "seed"}) {
      assertThat(json.get("environment").get(name).asString()).as(name).isNotBlank();
    }
    String page = Files.readString(options.results().resolve("report.md"));
    for (JsonNode budget : json.get("budgets")) {
      assertThat(page).contains("| " + budget.get("way").asString() + " | ");
    }
    try (var files = Files.list(options.results())) {
      for (Path file : files.filter(each -> each.toString().endsWith(".svg")).toList()) {
        assertThat(page).contains("(" + file.getFileName() + ")");
        var _ = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
      }
    }
  }
}
