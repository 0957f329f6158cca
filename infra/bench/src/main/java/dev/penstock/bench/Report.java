package dev.penstock.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// A run's results as a page for people and as JSON for programs.
final class Report {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Map<String, String> environment;
  private final Results results;
  private final List<Budgets.Row> budgets;

  Report(Map<String, String> environment, Results results, Size size) {
    this.environment = environment;
    this.results = results;
    budgets = Budgets.of(results, size);
  }

  String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("environment", environment);
    all.put("budgets", budgets);
    List<Object> figures = new ArrayList<>();
    results
        .values()
        .forEach((key, rounds) ->
            figures.add(
                Map.of(
                    "way", key.way(),
                    "subject", key.subject(),
                    "figure", key.figure(),
                    "unit", key.unit(),
                    "median", Numbers.median(rounds).orElseThrow(),
                    "rounds", rounds)));
    all.put("figures", figures);
    Map<String, Object> distributions = new LinkedHashMap<>();
    results
        .histograms()
        .forEach((name, histogram) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("count", histogram.getTotalCount());
          for (double percentile : new double[] {50, 75, 90, 95, 99, 99.9, 100}) {
            one.put("p" + Numbers.of(percentile), histogram.getValueAtPercentile(percentile) / 1e3);
          }
          distributions.put(name, one);
        });
    all.put("distributionsMillis", distributions);
    all.put("waterfall", results.waterfall().stream().map(Report::step).toList());
    all.put("oneMore", results.costs());
    all.put("generator", results.generators());
    all.put("notMeasured", results.missing());
    return JSON.writeValueAsString(all);
  }

  private static Map<String, Object> step(Results.Step step) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("step", step.name());
    one.put("meanMillis", step.mean());
    if (!Double.isNaN(step.median())) {
      one.put("medianMillis", step.median());
      one.put("p99Millis", step.p99());
    }
    one.put("how", step.how());
    return one;
  }

  String markdown(Iterable<String> plots) {
    StringBuilder page = new StringBuilder("# Penstock, measured\n\n");
    environment.forEach(
        (name, value) -> page.append("- ").append(name).append(": ").append(value).append('\n'));
    page.append(
        "\nMedians of the rounds; in brackets the least and the most. A ratio is of baseline and candidate in the same round.\n");
    page.append("\n## Budgets\n\n");
    table(page, "way", "budget", "figure", "baseline", "ratio", "");
    for (Budgets.Row row : budgets) {
      row(
          page,
          row.way(),
          row.budget(),
          row.figure(),
          row.baseline(),
          row.ratio(),
          row.verdict().text());
    }
    waterfall(page);
    costs(page);
    page.append(
        "\n## The load generator\n\nIn a JVM of its own. What it could do beyond what was asked of it is measured against a server that does nothing.\n\n");
    table(page, "way", "of", "cores used", "limit");
    for (Results.Generator one : results.generators()) {
      row(page, one.way(), one.subject(), Numbers.of(one.cores()), one.bound());
    }
    page.append("\n## All figures\n\n");
    table(page, "way", "of", "figure", "median (least – most)");
    results
        .values()
        .forEach((key, rounds) ->
            row(page, key.way(), key.subject(), key.figure(), Numbers.spread(rounds, key.unit())));
    if (!results.missing().isEmpty()) {
      page.append("\n## Not measured\n\n");
      results
          .missing()
          .forEach((what, reason) ->
              page.append("- ").append(what).append(": ").append(reason).append('\n'));
    }
    for (String plot : plots) {
      page.append("\n![").append(plot).append("](").append(plot).append(")\n");
    }
    return page.toString();
  }

  private void waterfall(StringBuilder page) {
    if (results.waterfall().isEmpty()) {
      return;
    }
    page.append("\n## Where the time from commit to client is spent\n\n");
    table(page, "step", "mean", "median", "p99", "by");
    double total = 0;
    for (Results.Step step : results.waterfall()) {
      total += step.mean();
      row(
          page,
          step.name(),
          Numbers.with(step.mean(), "ms"),
          millis(step.median()),
          millis(step.p99()),
          step.how());
    }
    row(
        page,
        "**from the insert to a client behind the gateway**",
        Numbers.with(total, "ms"),
        "",
        "",
        "sum of the means");
  }

  private static String millis(double value) {
    return Double.isNaN(value) ? "" : Numbers.with(value, "ms");
  }

  private void costs(StringBuilder page) {
    if (results.costs().isEmpty()) {
      return;
    }
    page.append("\n## What one more costs\n\n");
    table(page, "one more", "where", "cost", "from the sizes");
    for (Results.Cost cost : results.costs()) {
      row(page, cost.what(), cost.where(), Numbers.with(cost.value(), cost.unit()), cost.sizes());
    }
  }

  private static void table(StringBuilder page, String... names) {
    row(page, names);
    page.append("|---".repeat(names.length)).append("|\n");
  }

  private static void row(StringBuilder page, String... cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
