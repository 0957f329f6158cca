package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Several runs side by side: of each budget the ratio in each run, and how far they are apart.
///
/// @param rows in the order of the first run
record Comparison(List<String> runs, List<Row> rows) {
  /// So far apart may runs be that agree, as a part of their median.
  static final double AGREED = 0.2;

  static final String JSON_FILE = "runs.json";

  /// @param ratios one per run, its median over the rounds; not a number where it was not measured
  record Row(String way, List<Double> ratios) {
    private List<Double> measured() {
      return ratios.stream().filter(Double::isFinite).toList();
    }

    /// Most less least, as a part of the median; empty unless every run has it.
    OptionalDouble spread() {
      List<Double> all = measured();
      if (all.size() < Math.max(2, ratios.size())) {
        return OptionalDouble.empty();
      }
      double apart = Collections.max(all) - Collections.min(all);
      return OptionalDouble.of(apart / Numbers.median(all).orElseThrow());
    }

    String spreadText() {
      OptionalDouble spread = spread();
      return spread.isEmpty() ? "not measured" : Numbers.with(100 * spread.getAsDouble(), "%");
    }

    private String agreement() {
      OptionalDouble spread = spread();
      return spread.isEmpty() ? "" : spread.getAsDouble() <= AGREED ? "agreed" : "**apart**";
    }
  }

  /// @throws IllegalArgumentException if one of them has no results
  static Comparison of(List<Path> directories) throws IOException {
    if (directories.size() < 2) {
      throw new IllegalArgumentException("compare needs the directories of at least two runs.");
    }
    Map<String, List<Double>> ratios = new LinkedHashMap<>();
    for (int run = 0; run < directories.size(); run++) {
      Path file = directories.get(run).resolve("results.json");
      if (!Files.exists(file)) {
        throw new IllegalArgumentException(file + " does not exist.");
      }
      for (JsonNode budget : Http.JSON.readTree(Files.readString(file)).get("budgets")) {
        List<Double> all =
            ratios.computeIfAbsent(
                budget.get("way").asString(),
                _ -> new ArrayList<>(Collections.nCopies(directories.size(), Double.NaN)));
        List<Double> rounds = new ArrayList<>();
        budget.get("ratios").forEach(ratio -> rounds.add(ratio.asDouble()));
        all.set(run, Numbers.median(rounds).orElse(Double.NaN));
      }
    }
    List<Row> rows = new ArrayList<>();
    ratios.forEach((way, each) -> rows.add(new Row(way, each)));
    return new Comparison(
        directories.stream().map(each -> each.getFileName().toString()).toList(), rows);
  }

  static void print(List<Path> directories) throws IOException {
    Progress.say(of(directories).markdown());
  }

  /// Writes `runs.md` and `runs.json`, and prints the table.
  static void write(List<Path> directories, Path to) throws IOException {
    Comparison comparison = of(directories);
    Files.writeString(to.resolve("runs.md"), comparison.markdown());
    Files.writeString(to.resolve(JSON_FILE), comparison.json());
    Progress.say("\n" + comparison.markdown());
    Progress.say("Runs: " + to.resolve("runs.md"));
  }

  String markdown() {
    StringBuilder page =
        new StringBuilder(
            "Ratio of figure and baseline in each run, and how far the runs are apart: most less least, as a part of the median.\n\n");
    List<String> head = new ArrayList<>(List.of("way"));
    head.addAll(runs);
    head.addAll(List.of("apart", "20 %"));
    Tables.head(page, head.toArray(String[]::new));
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(List.of(row.way));
      row.ratios.forEach(
          ratio -> cells.add(Double.isFinite(ratio) ? Numbers.with(ratio, "×") : "–"));
      cells.add(row.spreadText());
      cells.add(row.agreement());
      Tables.row(page, cells.toArray(String[]::new));
    }
    return page.toString();
  }

  private String json() {
    List<Object> all = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("way", row.way);
      one.put("ratios", row.measured());
      one.put("apart", row.spreadText());
      all.add(one);
    }
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(Map.of("budgets", all, "runs", runs.size()));
  }
}
