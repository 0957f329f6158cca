package dev.penstock.bench;

import java.util.List;
import java.util.OptionalDouble;

/// What one more client, shape or row costs, from the figures of two sizes; what is held at rest is
/// added by its own ways.
final class Growth {
  static final String CPU = "CPU";
  static final String HEAP = "heap";
  static final String BYTES = "bytes";

  /// A cost is one of these.
  static final List<String> FIGURES = List.of(CPU, HEAP, BYTES);

  static final String CLIENT = "live client of one shape (CPU, bytes: per change)";
  static final String OWN_CLIENT =
      "live client on a shape of its own (CPU: per change of another's)";
  static final String SHAPE = "shape that nobody follows (CPU: per change of another)";
  static final String ROW = "row of an initial sync";
  static final String CONVERSATION = "conversation of two messages that nobody follows";

  private final Results results;
  private final Size size;

  private Growth(Results results, Size size) {
    this.results = results;
    this.size = size;
  }

  static void add(Results results, Size size) {
    Growth growth = new Growth(results, size);
    growth.clients();
    growth.shapes();
    growth.rows();
  }

  static String sizes(int few, int many) {
    return "%,d → %,d".formatted(few, many);
  }

  private void clients() {
    int[] counts = FanOut.clients(size);
    int few = counts[counts.length - 2];
    int many = counts[counts.length - 1];
    String subject = FanOut.onOneShape(FanOut.SERVER, many);
    perChange(CLIENT, FanOut.onOneShape(FanOut.SERVER, few), subject, few, many);
    results
        .median(Ways.FANOUT, subject, FanOut.BYTES)
        .ifPresent(
            bytes -> results.cost(CLIENT, "shape-server", BYTES, bytes, "B", sizes(few, many)));
  }

  private void shapes() {
    int[] counts = FanOut.clients(size);
    String one = FanOut.onOwnShapes(FanOut.SERVER, 1);
    int own = counts[counts.length - 1];
    perChange(OWN_CLIENT, one, FanOut.onOwnShapes(FanOut.SERVER, own), 1, own);
    int among = FanOut.shapesAmong(size);
    perChange(SHAPE, one, FanOut.among(FanOut.SERVER, among), 1, among);
  }

  private void perChange(String what, String small, String large, int few, int many) {
    OptionalDouble less = results.median(Ways.FANOUT, small, FanOut.CPU);
    OptionalDouble more = results.median(Ways.FANOUT, large, FanOut.CPU);
    if (less.isPresent() && more.isPresent()) {
      double millis = (more.getAsDouble() - less.getAsDouble()) / (many - few);
      results.cost(what, "shape-server", CPU, millis * 1e3, "µs", sizes(few, many));
    }
  }

  private void rows() {
    int few = SnapshotWay.rows(size)[0];
    int many = SnapshotWay.rows(size)[1];
    row(CPU, SnapshotWay.CPU, "µs", few, many);
    row(BYTES, SnapshotWay.BYTES, "B", few, many);
    OptionalDouble less = median(few, SnapshotWay.HEAP);
    OptionalDouble more = median(many, SnapshotWay.HEAP);
    if (less.isPresent() && more.isPresent()) {
      double bytes = (more.getAsDouble() - less.getAsDouble()) * 1e6 / (many - few);
      results.cost(ROW, "shape-server", HEAP, bytes, "B", sizes(few, many));
    }
  }

  private void row(String figure, String perRow, String unit, int few, int many) {
    OptionalDouble small = median(few, perRow);
    OptionalDouble large = median(many, perRow);
    if (small.isPresent() && large.isPresent()) {
      double difference = large.getAsDouble() * many - small.getAsDouble() * few;
      results.cost(ROW, "shape-server", figure, difference / (many - few), unit, sizes(few, many));
    }
  }

  private OptionalDouble median(int rows, String figure) {
    return results.median(Ways.SNAPSHOT, SnapshotWay.subject(FanOut.SERVER, rows), figure);
  }
}
