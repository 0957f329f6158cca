package dev.penstock.bench;

import java.io.PrintStream;

/// Tells a person how far the run is.
final class Progress {
  private static final PrintStream OUT = System.out;

  private final int total;
  private final long began = System.nanoTime();
  private int done;

  /// @param total rounds of ways
  Progress(int total) {
    this.total = total;
  }

  void begin(Ways way, int round, int rounds) {
    long seconds = seconds();
    String left = done == 0 ? "" : ", about %d s to go".formatted(seconds * (total - done) / done);
    OUT.printf(
        "[%d/%d] %s, round %d of %d: %s (%d s%s)%n",
        done + 1, total, way.id(), round, rounds, way.title(), seconds, left);
  }

  void end() {
    done++;
  }

  long seconds() {
    return (System.nanoTime() - began) / 1_000_000_000;
  }

  static void figure(String text) {
    OUT.println("        " + text);
  }

  static void say(String text) {
    OUT.println(text);
  }
}
