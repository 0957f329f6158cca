package dev.penstock.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// The promises of the design, each beside what was measured and its baseline of the same run.
final class Budgets {
  /// A promise's outcome.
  enum Verdict {
    HELD("held"),
    /// Nothing is promised of it: what the least that does the same reaches here.
    LIMIT("the limit"),
    MISSED("**missed**"),
    NOT_MEASURED("not measured");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /// One promise.
  ///
  /// @param figures one per round, as the other lists
  /// @param against the baseline's name
  /// @param ratios of figure and baseline in the same round
  record Row(
      String way,
      String budget,
      List<Double> figures,
      String against,
      List<Double> baselines,
      List<Double> ratios,
      String unit,
      Verdict verdict) {
    String figure() {
      return figures.isEmpty() ? "not measured" : Numbers.spread(figures, unit);
    }

    String baseline() {
      return against
          + ": "
          + (baselines.isEmpty() ? "not measured" : Numbers.spread(baselines, unit));
    }

    String ratio() {
      return ratios.isEmpty() ? "not measured" : Numbers.spread(ratios, "×");
    }
  }

  /// What is measured: the candidate's subject and the baseline's.
  private record Figure(Ways way, String subject, String baseline, String name, String unit) {}

  private final Results results;
  private final List<Row> rows = new ArrayList<>();

  private Budgets(Results results) {
    this.results = results;
  }

  static List<Row> of(Results results, Size size) {
    Budgets all = new Budgets(results);
    all.add(size);
    return List.copyOf(all.rows);
  }

  private void add(Size size) {
    String log = "commit → readable in the log, 50 tx/s, ";
    atMost(log + "p50", 5, new Figure(Ways.LOG, "bridge", "bare reader", "p50", "ms"));
    atMost(log + "p99", 25, new Figure(Ways.LOG, "bridge", "bare reader", "p99", "ms"));
    atMost(
        "the bridge, idle",
        5,
        new Figure(Ways.LOG, "bridge", "bare reader", "idle", "% of a core"));
    ratio(
        "commit → live client at the shape-server, p50",
        2,
        true,
        new Figure(Ways.LIVE, "shape-server", "Electric", "p50", "ms"));
    int[] counts = FanOut.clients(size);
    int most = counts[counts.length - 1];
    ratio(
        "%,d live clients on one shape, p99".formatted(most),
        0.25,
        true,
        new Figure(
            Ways.FANOUT,
            FanOut.onOneShape("shape-server", most),
            FanOut.onOneShape("Electric", most),
            "p99",
            "ms"));
    ratio(
        "%1$,d clients on %1$,d shapes, 100 writes/s, p50".formatted(most),
        2,
        true,
        new Figure(
            Ways.FANOUT,
            FanOut.onOwnShapes("shape-server", most),
            FanOut.onOwnShapes("Electric", most),
            "p50",
            "ms"));
    ratio(
        "bridge throughput, 2-row transactions",
        0.25,
        false,
        new Figure(Ways.BRIDGE, "bridge", "bare reader", "2-row transactions", "rows/s"));
    ratio(
        "bridge throughput, 1 000-row transactions",
        0.2,
        false,
        new Figure(Ways.BRIDGE, "bridge", "bare reader", "1000-row transactions", "rows/s"));
    for (int callers : SendWay.callers(size)) {
      // Each below the least that has as many processes on its way.
      limit(sending(SendWay.HTTP, callers), sent(SendWay.HTTP, callers));
      ratio(sending(SendWay.SERVICE, callers), 0.7, false, sent(SendWay.SERVICE, callers));
      limit(sending(SendWay.RELAY, callers), sent(SendWay.RELAY, callers));
      ratio(sending(SendWay.GATEWAY, callers), 0.7, false, sent(SendWay.GATEWAY, callers));
    }
    for (Held held : List.of(Held.SHAPES, Held.GATEWAY, Held.GATEWAY_OWN)) {
      atMost(
          "an idle live client, heap, " + held.place(),
          held.limit(),
          new Figure(Ways.MEMORY, held.subject(), Held.BARE.subject(), "heap", "KB"));
    }
    ratio(
        "a streamed answer, text written",
        3,
        true,
        new Figure(Ways.BROWSER, BrowserWay.STREAMED, BrowserWay.FINAL, "text per answer", "KB"));
    atMost(
        "whole stack, cold, in one JVM, to the first synced row",
        20,
        new Figure(Ways.COLD, ColdWay.WHOLE, ColdWay.BARE, "first row", "s"));
  }

  private static String sending(String subject, int callers) {
    return "`POST /questions/send`, %s, %s".formatted(subject, SendWay.figure(callers));
  }

  private static Figure sent(String subject, int callers) {
    return new Figure(Ways.SEND, subject, SendWay.BARE, SendWay.figure(callers), "requests/s");
  }

  private void atMost(String way, double limit, Figure of) {
    OptionalDouble median = results.median(of.way, of.subject, of.name);
    add(way, "≤ " + Numbers.with(limit, of.unit), of, median, median.orElse(0) <= limit);
  }

  /// @param most whether the limit is the most, not the least, that the ratio may be
  private void ratio(String way, double limit, boolean most, Figure of) {
    OptionalDouble median = Numbers.median(ratios(of));
    String budget = (most ? "≤ " : "≥ ") + Numbers.of(limit) + " × " + name(of.baseline);
    boolean kept = most ? median.orElse(0) <= limit : median.orElse(0) >= limit;
    add(way, budget, of, median, kept);
  }

  private void limit(String way, Figure of) {
    OptionalDouble median = results.median(of.way, of.subject, of.name);
    add(way, "–", of, median.isEmpty() ? Verdict.NOT_MEASURED : Verdict.LIMIT);
  }

  private void add(String way, String budget, Figure of, OptionalDouble decides, boolean kept) {
    add(
        way,
        budget,
        of,
        decides.isEmpty() ? Verdict.NOT_MEASURED : kept ? Verdict.HELD : Verdict.MISSED);
  }

  private void add(String way, String budget, Figure of, Verdict verdict) {
    rows.add(
        new Row(
            way,
            budget,
            results.of(of.way, of.subject, of.name),
            name(of.baseline),
            results.of(of.way, of.baseline, of.name),
            ratios(of),
            of.unit,
            verdict));
  }

  /// Without its size.
  private static String name(String subject) {
    return subject.replaceFirst(",.*", "");
  }

  /// Of each round its own.
  private List<Double> ratios(Figure of) {
    List<Double> values = results.of(of.way, of.subject, of.name);
    List<Double> base = results.of(of.way, of.baseline, of.name);
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < Math.min(values.size(), base.size()); round++) {
      ratios.add(values.get(round) / base.get(round));
    }
    return ratios;
  }
}
