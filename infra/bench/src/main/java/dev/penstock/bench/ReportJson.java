package dev.penstock.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// A run's results for programs.
final class ReportJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ReportJson() {}

  static String of(Map<String, String> environment, Results results, List<Budgets.Row> budgets) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("environment", environment);
    Map<String, Double> took = new LinkedHashMap<>();
    results.took().forEach((way, seconds) -> took.put(way.id(), seconds));
    all.put("tookSeconds", took);
    all.put("budgets", budgets.stream().map(ReportJson::budget).toList());
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
            one.put(
                "p" + Numbers.plain(percentile), histogram.getValueAtPercentile(percentile) / 1e3);
          }
          distributions.put(name, one);
        });
    all.put("distributionsMillis", distributions);
    all.put("breakdown", breakdown(results.breakdown()));
    List<Object> costs = new ArrayList<>();
    results
        .costs()
        .forEach((cost, rounds) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("oneMore", cost.what());
          one.put("where", cost.where());
          one.put("figure", cost.figure());
          one.put("unit", cost.unit());
          one.put("sizes", cost.sizes());
          one.put("median", Numbers.median(rounds).orElseThrow());
          one.put("rounds", rounds);
          costs.add(one);
        });
    all.put("oneMore", costs);
    all.put("generator", results.generators().stream().map(ReportJson::generator).toList());
    all.put("notMeasured", results.missing());
    return JSON.writeValueAsString(all);
  }

  private static Map<String, Object> budget(Budgets.Row row) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("way", row.way());
    one.put("budget", row.budget());
    one.put("figure", row.figure());
    one.put("baseline", row.baseline());
    one.put("ratio", row.ratio());
    one.put("verdict", row.verdict().text().replace("*", ""));
    one.put("unit", row.unit());
    one.put("figures", row.figures());
    one.put("baselines", row.baselines());
    one.put("ratios", row.ratios());
    return one;
  }

  private static @Nullable Map<String, Object> breakdown(@Nullable Breakdown breakdown) {
    if (breakdown == null) {
      return null;
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("steps", breakdown.steps().stream().map(ReportJson::step).toList());
    all.put("sumOfMeansMillis", breakdown.sum());
    all.put("meanFromEndToEndMillis", breakdown.total());
    return all;
  }

  private static Map<String, Object> step(Breakdown.Step step) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("step", step.name());
    one.put("meanMillis", step.mean());
    one.put("medianMillis", number(step.median()));
    one.put("p99Millis", number(step.p99()));
    one.put("how", step.how());
    return one;
  }

  private static Map<String, Object> generator(Generator generator) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("way", generator.way());
    one.put("subject", generator.subject());
    one.put("did", number(generator.load()));
    one.put("canDo", number(generator.most()));
    one.put("unit", generator.unit());
    one.put("share", number(generator.share()));
    one.put("cores", number(generator.cores()));
    one.put("against", generator.against());
    return one;
  }

  /// JSON has none that is not a number.
  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
