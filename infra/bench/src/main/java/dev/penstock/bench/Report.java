package dev.penstock.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A run's results as a page for people; [ReportJson] has them for programs.
final class Report {
  private final Map<String, String> environment;
  private final Results results;
  private final List<Budgets.Row> budgets;

  Report(Map<String, String> environment, Results results, Size size) {
    this.environment = environment;
    this.results = results;
    budgets = Budgets.of(results, size);
  }

  String json() {
    return ReportJson.of(environment, results, budgets);
  }

  /// The table of the budgets.
  String summary() {
    StringBuilder table = new StringBuilder();
    Tables.head(table, "way", "budget", "figure", "baseline", "ratio", "");
    for (Budgets.Row row : budgets) {
      Tables.row(
          table,
          row.way(),
          row.budget(),
          row.figure(),
          row.baseline(),
          row.ratio(),
          row.verdict().text());
    }
    return table.toString();
  }

  String markdown(Iterable<String> plots) {
    StringBuilder page = new StringBuilder("# Penstock, measured\n\n");
    environment.forEach(
        (name, value) -> page.append("- ").append(name).append(": ").append(value).append('\n'));
    page.append(
        "\nMedians of the rounds; in brackets the least and the most. A ratio is of baseline and candidate in the same round.\n");
    page.append("\n## Budgets\n\n").append(summary());
    breakdown(page);
    costs(page);
    generators(page);
    page.append("\n## All figures\n\n");
    Tables.head(page, "way", "of", "figure", "median (least – most)");
    results
        .values()
        .forEach((key, rounds) ->
            Tables.row(
                page, key.way(), key.subject(), key.figure(), Numbers.spread(rounds, key.unit())));
    if (!results.missing().isEmpty()) {
      page.append("\n## Not measured\n\n");
      results
          .missing()
          .forEach((what, reason) ->
              page.append("- ").append(what).append(": ").append(reason).append('\n'));
    }
    page.append("\n## How long each way took\n\n");
    Tables.head(page, "way", "", "time");
    results
        .took()
        .forEach(
            (way, seconds) -> Tables.row(page, way.id(), way.title(), Numbers.with(seconds, "s")));
    page.append("\n## Plots\n");
    for (String plot : plots) {
      page.append("\n![").append(plot).append("](").append(plot).append(")\n");
    }
    return page.toString();
  }

  private void breakdown(StringBuilder page) {
    Breakdown breakdown = results.breakdown();
    if (breakdown == null) {
      return;
    }
    page.append("\n## Where the time from commit to browser is spent\n\n");
    Tables.head(page, "step", "mean", "median", "p99", "by");
    for (Breakdown.Step step : breakdown.steps()) {
      Tables.row(
          page,
          step.name(),
          Numbers.with(step.mean(), "ms"),
          millis(step.median()),
          millis(step.p99()),
          step.how());
    }
    Tables.row(page, "**sum**", Numbers.with(breakdown.sum(), "ms"), "", "", "sum of the means");
    Tables.row(
        page,
        "**from the insert to the row in the browser's collection**",
        Numbers.with(breakdown.total(), "ms"),
        "",
        "",
        "mean, measured from end to end: the sum is %s of it"
            .formatted(Numbers.with(100 * breakdown.sum() / breakdown.total(), "%")));
  }

  private static String millis(double value) {
    return Double.isNaN(value) ? "" : Numbers.with(value, "ms");
  }

  /// A row per thing and place, a column per kind of cost.
  private void costs(StringBuilder page) {
    if (results.costs().isEmpty()) {
      return;
    }
    Set<List<String>> places = new LinkedHashSet<>();
    Map<List<String>, String> cells = new LinkedHashMap<>();
    results
        .costs()
        .forEach((cost, rounds) -> {
          places.add(List.of(cost.what(), cost.where()));
          cells.put(
              List.of(cost.what(), cost.where(), cost.figure()),
              "%s, %s".formatted(Numbers.spread(rounds, cost.unit()), cost.sizes()));
        });
    page.append(
        "\n## What one more costs\n\nFrom two sizes measured, which stand behind each figure.\n\n");
    Tables.head(page, "one more", "where", "CPU", "heap", "bytes");
    for (List<String> place : places.stream().sorted(Report::byName).toList()) {
      List<String> row = new ArrayList<>(place);
      for (String figure : Growth.FIGURES) {
        row.add(cells.getOrDefault(List.of(place.getFirst(), place.getLast(), figure), "–"));
      }
      Tables.row(page, row.toArray(String[]::new));
    }
  }

  private static int byName(List<String> one, List<String> two) {
    int names = one.getFirst().compareTo(two.getFirst());
    return names == 0 ? one.getLast().compareTo(two.getLast()) : names;
  }

  private void generators(StringBuilder page) {
    page.append(
        """

        ## The load generator

        It is a JVM of its own. What it did, what the same generator does where nothing is behind it, and the share of the first in the second: near 100 % the figure would be the generator's own.

        """);
    Tables.head(page, "way", "of", "did", "can do", "share", "cores used", "");
    for (Generator one : results.generators()) {
      Tables.row(
          page,
          one.way(),
          one.subject(),
          one.loadText(),
          one.mostText(),
          one.shareText(),
          Double.isNaN(one.cores()) ? "–" : Numbers.of(one.cores()),
          one.against());
    }
  }
}
