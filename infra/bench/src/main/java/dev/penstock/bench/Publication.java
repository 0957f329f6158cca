package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Puts a run where it is committed: all of it into `infra/bench/measured`, the table of its
/// budgets and one plot into the README, between two marks. So no figure is ever typed.
final class Publication {
  static final String BEGIN = "<!-- measured: written by infra/bench/run publish -->";
  static final String END = "<!-- /measured -->";

  /// The README's plot.
  private static final String PLOT = Plots.BREAKDOWN;

  private final Path root;

  /// @param root the repository's
  Publication(Path root) {
    this.root = root;
  }

  /// @throws IllegalArgumentException if there are no results, or the README has not the marks
  void publish(Path directory) throws IOException {
    Path json = directory.resolve("results.json");
    if (!Files.exists(json)) {
      throw new IllegalArgumentException(json + " does not exist: measure first.");
    }
    Path readme = root.resolve("README.md");
    String page = Files.readString(readme);
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException(readme + " has not the marks of the measured part.");
    }
    copy(directory, root.resolve("infra/bench/measured"));
    String part = part(Http.JSON.readTree(Files.readString(json)), agreement(directory));
    Files.writeString(
        readme, page.substring(0, begin + BEGIN.length()) + part + page.substring(end));
    Progress.say("Published: README.md, infra/bench/measured");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path old : files(to)) {
      Files.delete(old);
    }
    for (Path file : files(from)) {
      Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private record Agreement(int runs, Map<String, String> apart) {}

  /// Of several runs; empty if there was one.
  private static Optional<Agreement> agreement(Path directory) throws IOException {
    Path runs = directory.resolve(Comparison.JSON_FILE);
    if (!Files.exists(runs)) {
      return Optional.empty();
    }
    JsonNode all = Http.JSON.readTree(Files.readString(runs));
    Map<String, String> apart = new HashMap<>();
    for (JsonNode budget : all.get("budgets")) {
      apart.put(budget.get("way").asString(), budget.get("apart").asString());
    }
    return Optional.of(new Agreement(all.get("runs").asInt(), apart));
  }

  private String part(JsonNode results, Optional<Agreement> agreement) {
    StringBuilder part = new StringBuilder("\n");
    JsonNode environment = results.get("environment");
    part.append(
        "Measured at commit %s on %s (%s, %s), medians, in brackets the least and the most:\n\n"
            .formatted(
                environment.get("commit").asString(),
                environment.get("machine").asString(),
                environment.get("size").asString(),
                agreement.map(each -> each.runs() + " runs").orElse("one run")));
    if (agreement.isPresent()) {
      Tables.head(
          part,
          "way",
          "budget",
          "figure",
          "baseline",
          "ratio",
          "",
          "ratios of %d runs apart".formatted(agreement.get().runs));
    } else {
      Tables.head(part, "way", "budget", "figure", "baseline", "ratio", "");
    }
    for (JsonNode budget : results.get("budgets")) {
      Stream<String> cells =
          Stream.of("way", "budget", "figure", "baseline", "ratio", "verdict")
              .map(name -> budget.get(name).asString());
      if (agreement.isPresent()) {
        String apart = agreement.get().apart.getOrDefault(budget.get("way").asString(), "–");
        cells = Stream.concat(cells, Stream.of(apart));
      }
      Tables.row(part, cells.toArray(String[]::new));
    }
    if (Files.exists(root.resolve("infra/bench/measured").resolve(PLOT))) {
      part.append("\n![Where the time from commit to browser is spent](infra/bench/measured/")
          .append(PLOT)
          .append(")\n");
    }
    return part.append(
            "\nAll figures, what one more of everything costs, and the generator's share: [infra/bench/measured/report.md](infra/bench/measured/report.md).\n")
        .toString();
  }
}
