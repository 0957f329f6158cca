package dev.penstock.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// All figures of a run: of each, one value per round.
final class Results {
  /// @param subject what was measured: a baseline, a candidate, perhaps at a size
  record Key(String way, String subject, String figure, String unit) {}

  /// What one more of something costs.
  ///
  /// @param figure CPU, heap or bytes
  record Cost(String what, String where, String figure, String unit, String sizes) {}

  private final Map<Key, List<Double>> values = new LinkedHashMap<>();
  private final Map<String, Histogram> histograms = new LinkedHashMap<>();
  private final Map<String, Generator> generators = new LinkedHashMap<>();
  private final Map<Cost, List<Double>> costs = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final Map<Ways, Double> took = new EnumMap<>(Ways.class);
  private @Nullable Breakdown breakdown;

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

  /// Of each subject the latest round's counts.
  void generator(Generator generator) {
    generators.put(generator.way() + ": " + generator.subject(), generator);
  }

  /// One round's.
  void cost(String what, String where, String figure, double value, String unit, String sizes) {
    costs
        .computeIfAbsent(new Cost(what, where, figure, unit, sizes), _ -> new ArrayList<>())
        .add(value);
  }

  /// Adds a round's steps of commit → client.
  void breakdown(Breakdown round) {
    breakdown = breakdown == null ? round : breakdown.and(round);
  }

  /// Adds seconds of preparation, rounds and end.
  void took(Ways way, double seconds) {
    took.merge(way, seconds, Double::sum);
  }

  /// Says why a way, or a part of it, has no figure.
  void missing(String what, String reason) {
    missing.put(what, reason);
    Progress.figure(what + ": not measured, " + reason);
  }

  /// Adds another run's: its rounds behind these.
  void add(Results run) {
    run.values.forEach(
        (key, rounds) -> values.computeIfAbsent(key, _ -> new ArrayList<>()).addAll(rounds));
    run.histograms.forEach(
        (key, times) -> histograms.computeIfAbsent(key, _ -> Latencies.empty()).add(times));
    generators.putAll(run.generators);
    run.costs.forEach(
        (key, rounds) -> costs.computeIfAbsent(key, _ -> new ArrayList<>()).addAll(rounds));
    missing.putAll(run.missing);
    run.took.forEach(this::took);
    Breakdown theirs = run.breakdown;
    if (theirs != null) {
      breakdown(theirs);
    }
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

  Map<Cost, List<Double>> costs() {
    return Collections.unmodifiableMap(costs);
  }

  @Nullable Breakdown breakdown() {
    return breakdown;
  }

  Map<Ways, Double> took() {
    return Collections.unmodifiableMap(took);
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
