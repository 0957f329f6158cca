package dev.penstock.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/// All figures of a run: of each, one value per round.
final class Results {
  /// @param subject what was measured: a baseline, a candidate, perhaps at a size
  record Key(String way, String subject, String figure, String unit) {}

  /// How much of a core the load generator itself used, and how much more it could have done.
  ///
  /// @param bound what limits it, with a figure
  record Generator(String way, String subject, double cores, String bound) {}

  /// A step of the way from commit to client, in milliseconds.
  record Step(String name, double mean, double median, double p99, String how) {}

  /// What one more of something costs.
  record Cost(String what, String where, double value, String unit, String sizes) {}

  private final Map<Key, List<Double>> values = new LinkedHashMap<>();
  private final Map<String, Histogram> histograms = new LinkedHashMap<>();
  private final Map<String, Generator> generators = new LinkedHashMap<>();
  private final Map<String, Cost> costs = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private List<Step> waterfall = List.of();

  void add(String way, String subject, String figure, String unit, double value) {
    values.computeIfAbsent(new Key(way, subject, figure, unit), _ -> new ArrayList<>()).add(value);
    Progress.figure("%s, %s: %s".formatted(subject, figure, Numbers.with(value, unit)));
  }

  /// Adds one round's latencies: its percentiles count as that round's figures, and all rounds
  /// together make the distribution.
  void latencies(String way, String subject, Latencies latencies) {
    add(way, subject, "p50", "ms", latencies.percentile(50));
    add(way, subject, "p90", "ms", latencies.percentile(90));
    add(way, subject, "p99", "ms", latencies.percentile(99));
    add(way, subject, "p99 from the schedule", "ms", latencies.scheduledPercentile(99));
    histograms
        .computeIfAbsent(way + ": " + subject, _ -> Latencies.empty())
        .add(latencies.histogram());
  }

  void generator(String way, String subject, double cores, String bound) {
    generators.put(way + subject, new Generator(way, subject, cores, bound));
  }

  void cost(String what, String where, double value, String unit, String sizes) {
    costs.put(what + where + unit, new Cost(what, where, value, unit, sizes));
  }

  void waterfall(List<Step> steps) {
    waterfall = List.copyOf(steps);
  }

  /// Says why a way, or a part of it, has no figure.
  void missing(String what, String reason) {
    missing.put(what, reason);
    Progress.figure(what + ": not measured, " + reason);
  }

  Map<Key, List<Double>> values() {
    return Collections.unmodifiableMap(values);
  }

  Map<String, Histogram> histograms() {
    return Collections.unmodifiableMap(histograms);
  }

  List<Generator> generators() {
    return List.copyOf(generators.values());
  }

  List<Cost> costs() {
    return List.copyOf(costs.values());
  }

  List<Step> waterfall() {
    return waterfall;
  }

  Map<String, String> missing() {
    return Collections.unmodifiableMap(missing);
  }

  /// One value per round; empty if it was not measured.
  List<Double> of(Ways way, String subject, String figure) {
    return values.entrySet().stream()
        .filter(entry ->
            entry.getKey().way().equals(way.id())
                && entry.getKey().subject().equals(subject)
                && entry.getKey().figure().equals(figure))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(List.of());
  }

  OptionalDouble median(Ways way, String subject, String figure) {
    return Numbers.median(of(way, subject, figure));
  }
}
