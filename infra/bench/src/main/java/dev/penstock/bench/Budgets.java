package dev.penstock.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The promises, each beside what was measured.
final class Budgets {
  /// A promise's outcome.
  enum Verdict {
    MET("met"),
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
  record Row(
      String way, String budget, String figure, String baseline, String ratio, Verdict verdict) {}

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
    atMost(log + "p50", Ways.LOG, "bridge", "p50", "ms", 5, "bare reader");
    atMost(log + "p99", Ways.LOG, "bridge", "p99", "ms", 25, "bare reader");
    atMost("the bridge, idle", Ways.LOG, "bridge", "idle", "% of a core", 5, "bare reader");
    ratio(
        "commit → live client at the shape-server, p50",
        Ways.LIVE,
        "shape-server",
        "Electric",
        "p50",
        "ms",
        2,
        true);
    int[] counts = FanOut.clients(size);
    int most = counts[counts.length - 1];
    ratio(
        "%,d live clients on one shape, p99".formatted(most),
        Ways.FANOUT,
        FanOut.onOneShape("shape-server", most),
        FanOut.onOneShape("Electric", most),
        "p99",
        "ms",
        0.25,
        true);
    ratio(
        "%1$,d clients on %1$,d shapes, 100 writes/s, p50".formatted(most),
        Ways.FANOUT,
        FanOut.onOwnShapes("shape-server", most),
        FanOut.onOwnShapes("Electric", most),
        "p50",
        "ms",
        2,
        true);
    ratio(
        "bridge throughput, 2-row transactions",
        Ways.BRIDGE,
        "bridge",
        "bare reader",
        "2-row transactions",
        "rows/s",
        0.25,
        false);
    ratio(
        "bridge throughput, 1 000-row transactions",
        Ways.BRIDGE,
        "bridge",
        "bare reader",
        "1000-row transactions",
        "rows/s",
        0.2,
        false);
    for (String who : List.of(SendWay.SERVICE, SendWay.GATEWAY)) {
      for (int callers : SendWay.callers(size)) {
        String figure = SendWay.figure(callers);
        ratio(
            "`POST /questions/send`, %s, %s".formatted(who, figure),
            Ways.SEND,
            who,
            SendWay.BARE,
            figure,
            "requests/s",
            0.7,
            false);
      }
    }
    atMost(
        "an idle live client, heap of the shape-server",
        Ways.MEMORY,
        "held poll, at the shape-server",
        "heap",
        "KB",
        10,
        null);
    atMost(
        "an idle live client, heap of the gateway, on one shape",
        Ways.MEMORY,
        "held poll of one shape, at the gateway",
        "heap",
        "KB",
        25,
        null);
    atMost(
        "an idle live client, heap of the gateway, on a shape of its own",
        Ways.MEMORY,
        "held poll of a shape each, at the gateway",
        "heap",
        "KB",
        25,
        null);
    atMost(
        "a streamed answer, text written",
        Ways.BROWSER,
        "streamed answer",
        "bytes written",
        "× final",
        3,
        null);
    atMost(
        "whole stack, cold, in one JVM, to the first synced row",
        Ways.COLD,
        "whole stack",
        "first synced row",
        "s",
        20,
        null);
  }

  private void atMost(
      String way,
      Ways of,
      String subject,
      String figure,
      String unit,
      double limit,
      @Nullable String baseline) {
    List<Double> values = results.of(of, subject, figure);
    List<Double> base = baseline == null ? List.of() : results.of(of, baseline, figure);
    OptionalDouble median = Numbers.median(values);
    rows.add(
        new Row(
            way,
            "≤ " + Numbers.with(limit, unit),
            Numbers.spread(values, unit),
            Numbers.spread(base, unit),
            Numbers.spread(ratios(values, base), "×"),
            verdict(median, median.orElse(0) <= limit)));
  }

  /// @param most whether the limit is the most, not the least, that the ratio may be
  private void ratio(
      String way,
      Ways of,
      String subject,
      String baseline,
      String figure,
      String unit,
      double limit,
      boolean most) {
    List<Double> values = results.of(of, subject, figure);
    List<Double> base = results.of(of, baseline, figure);
    List<Double> ratios = ratios(values, base);
    OptionalDouble median = Numbers.median(ratios);
    rows.add(
        new Row(
            way,
            (most ? "≤ " : "≥ ") + Numbers.of(limit) + " × " + baseline.replaceFirst(",.*", ""),
            Numbers.spread(values, unit),
            Numbers.spread(base, unit),
            Numbers.spread(ratios, "×"),
            verdict(median, most ? median.orElse(0) <= limit : median.orElse(0) >= limit)));
  }

  private static Verdict verdict(OptionalDouble figure, boolean kept) {
    if (figure.isEmpty()) {
      return Verdict.NOT_MEASURED;
    }
    return kept ? Verdict.MET : Verdict.MISSED;
  }

  /// Of each round its own.
  private static List<Double> ratios(List<Double> values, List<Double> base) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < Math.min(values.size(), base.size()); round++) {
      ratios.add(values.get(round) / base.get(round));
    }
    return ratios;
  }
}
