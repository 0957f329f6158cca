package dev.penstock.bench;

import java.util.OptionalDouble;

/// What one more client, shape or row costs, from the figures of two sizes.
final class Growth {
  private Growth() {}

  static void add(Results results, Size size) {
    clients(results, size);
    shapes(results, size);
    rows(results, size);
  }

  private static void clients(Results results, Size size) {
    int[] counts = FanOut.clients(size);
    int few = counts[counts.length - 2];
    int many = counts[counts.length - 1];
    String subject = FanOut.onOneShape("shape-server", many);
    String sizes = "%,d and %,d".formatted(few, many);
    String what = "live client of a shape, per change";
    more(
        results,
        what,
        cpu(results, FanOut.onOneShape("shape-server", few)),
        cpu(results, subject),
        many - few,
        sizes);
    results
        .median(Ways.FANOUT, subject, "bytes per change and client")
        .ifPresent(bytes -> results.cost(what, "shape-server", bytes, "B on the wire", sizes));
  }

  private static void shapes(Results results, Size size) {
    int[] counts = FanOut.clients(size);
    int own = counts[counts.length - 1];
    int among = FanOut.shapesAmong(size);
    more(
        results,
        "live shape of another client, per change",
        cpu(results, FanOut.onOneShape("shape-server", 1)),
        cpu(results, FanOut.onOwnShapes("shape-server", own)),
        own - 1,
        "1 and %,d".formatted(own));
    more(
        results,
        "shape that nobody follows, per change",
        cpu(results, FanOut.onOneShape("shape-server", 1)),
        cpu(results, FanOut.among("shape-server", among)),
        among,
        "1 and %,d".formatted(among));
  }

  private static OptionalDouble cpu(Results results, String subject) {
    return results.median(Ways.FANOUT, subject, "CPU per change");
  }

  private static void more(
      Results results,
      String what,
      OptionalDouble few,
      OptionalDouble many,
      int difference,
      String sizes) {
    if (few.isPresent() && many.isPresent()) {
      results.cost(
          what,
          "shape-server",
          (many.getAsDouble() - few.getAsDouble()) * 1e3 / difference,
          "µs of CPU",
          sizes);
    }
  }

  private static void rows(Results results, Size size) {
    int[] counts = SnapshotWay.rows(size);
    int few = counts[0];
    int many = counts[1];
    String sizes = "%,d and %,d".formatted(few, many);
    for (var figure :
        java.util.Map.of("CPU per row", "µs of CPU", "bytes per row", "B on the wire").entrySet()) {
      OptionalDouble small = median(results, few, figure.getKey());
      OptionalDouble large = median(results, many, figure.getKey());
      if (small.isPresent() && large.isPresent()) {
        results.cost(
            "row of an initial sync",
            "shape-server",
            (large.getAsDouble() * many - small.getAsDouble() * few) / (many - few),
            figure.getValue(),
            sizes);
      }
    }
  }

  private static OptionalDouble median(Results results, int rows, String figure) {
    return results.median(Ways.SNAPSHOT, SnapshotWay.subject("shape-server", rows), figure);
  }
}
