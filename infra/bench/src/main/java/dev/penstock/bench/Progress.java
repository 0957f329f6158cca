package dev.penstock.bench;

import java.io.PrintStream;
import java.util.Collection;

/// Tells a person how far the run is.
final class Progress {
  private static final PrintStream OUT = System.out;

  private final int total;
  private final long began = System.nanoTime();
  private int done;

  /// @param ways that are measured, in order
  Progress(Collection<Ways> ways) {
    total = ways.size();
  }

  void prepare(Ways way) {
    OUT.printf("[%d/%d] %s: %s (%d s so far)%n", done + 1, total, way.id(), way.title(), seconds());
  }

  void begin(Ways way, int round, int rounds) {
    OUT.printf("[%d/%d] %s, round %d of %d%n", done + 1, total, way.id(), round, rounds);
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
