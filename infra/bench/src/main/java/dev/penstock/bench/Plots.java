package dev.penstock.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/// The run's charts, by file name.
final class Plots {
  static final String BREAKDOWN = "commit-to-browser.svg";

  private static final double[] PERCENTILES = {0, 25, 50, 75, 90, 95, 99, 99.5, 99.9};

  private Plots() {}

  static Map<String, String> of(Results results, Size size) {
    Map<String, String> files = new LinkedHashMap<>();
    for (Ways way : List.of(Ways.LOG, Ways.LIVE, Ways.SEND, Ways.BROWSER)) {
      Plot plot = distribution(results, way);
      if (!plot.isEmpty()) {
        files.put("latency-" + way.id() + ".svg", plot.svg());
      }
    }
    Plot fanOut = fanOut(results, size);
    if (!fanOut.isEmpty()) {
      files.put("fan-out.svg", fanOut.svg());
    }
    Breakdown breakdown = results.breakdown();
    if (breakdown != null) {
      files.put(
          BREAKDOWN,
          Bars.svg(
              "Where the time from commit to browser is spent: mean %s"
                  .formatted(Numbers.with(breakdown.sum(), "ms")),
              breakdown.steps()));
    }
    return files;
  }

  private static Plot distribution(Results results, Ways way) {
    List<Plot.Tick> ticks = new ArrayList<>();
    for (double percentile : new double[] {0, 50, 90, 99, 99.9}) {
      ticks.add(new Plot.Tick(nines(percentile), Numbers.plain(percentile) + " %"));
    }
    Plot plot = new Plot(way.title(), "part of all that took at most so long", "ms", ticks);
    for (Map.Entry<String, Histogram> entry : results.histograms().entrySet()) {
      if (entry.getKey().startsWith(way.id() + ": ")) {
        List<Plot.Point> points = new ArrayList<>();
        for (double percentile : PERCENTILES) {
          points.add(
              new Plot.Point(
                  nines(percentile), entry.getValue().getValueAtPercentile(percentile) / 1e3));
        }
        plot.add(entry.getKey().substring(way.id().length() + 2), points);
      }
    }
    return plot;
  }

  /// How rare what is slower is, so that the tail has room.
  private static double nines(double percentile) {
    return -Math.log10(1 - percentile / 100);
  }

  private static Plot fanOut(Results results, Size size) {
    int[] counts = FanOut.clients(size);
    List<Plot.Tick> ticks = new ArrayList<>();
    for (int count : counts) {
      ticks.add(new Plot.Tick(Math.log10(count), "%,d".formatted(count)));
    }
    Plot plot = new Plot("Fan-out: live clients of one shape", "clients", "ms", ticks);
    for (String server : List.of(FanOut.SERVER, "Electric", FanOut.NOTHING)) {
      for (String figure : List.of("p50", "p99")) {
        List<Plot.Point> points = new ArrayList<>();
        for (int count : counts) {
          OptionalDouble millis =
              results.median(Ways.FANOUT, FanOut.onOneShape(server, count), figure);
          if (millis.isPresent()) {
            points.add(new Plot.Point(Math.log10(count), millis.getAsDouble()));
          }
        }
        plot.add(server + ", " + figure, points);
      }
    }
    return plot;
  }
}
