package dev.penstock.replay;

import java.io.PrintStream;
import java.util.Locale;

/// One line that is drawn again on a terminal; elsewhere a line every few seconds.
final class ReplayProgress {
  private static final int WIDTH = 16;
  private static final int COLUMNS = 79;
  private static final long DRAW_NANOS = 200_000_000;
  private static final long LINE_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private String what = "";
  private long began;
  private long shown;
  private long records;
  private long bytes;
  private long passed;
  private long total;
  private boolean live;
  private long drawn;

  ReplayProgress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /// @param offsets how many Kafka offsets there are to pass
  void begin(String phase, long offsets) {
    what = phase;
    total = offsets;
    passed = 0;
    records = 0;
    bytes = 0;
    began = System.nanoTime();
    shown = began;
  }

  /// How many Kafka offsets there are still to pass.
  void left(long offsets) {
    total = passed + offsets;
  }

  void read(long offsets, long size) {
    passed += offsets;
    records++;
    bytes += size;
    if ((records & 127) == 0) {
      long now = System.nanoTime();
      if (now - shown >= (terminal ? DRAW_NANOS : LINE_NANOS)) {
        shown = now;
        show(now);
      }
    }
  }

  /// There is nothing left for now, and it goes on.
  void live() {
    if (!live) {
      say("All there was is taken. It goes on with the live tail until it is stopped.");
    }
    live = true;
    if (terminal && records > drawn) {
      drawn = records;
      out.print(String.format(Locale.ROOT, "\rlive, %,d records\u001b[K", records));
      out.flush();
    }
  }

  private void show(long now) {
    double seconds = Math.max(1e-3, (now - began) / 1e9);
    double part = total == 0 ? 1 : Math.min(1, (double) passed / total);
    String left = part <= 0 ? "" : ", %s left".formatted(time(seconds * (1 - part) / part));
    String line = "%3.0f %% %s%s".formatted(100 * part, rate(seconds), left);
    if (terminal) {
      int full = (int) Math.round(WIDTH * part);
      String bar = "[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "] " + line;
      // A line that wraps cannot be drawn again.
      out.print("\r" + bar.substring(0, Math.min(bar.length(), COLUMNS)) + "\u001b[K");
    } else {
      out.println(what + " " + line);
    }
    out.flush();
  }

  private String rate(double seconds) {
    return String.format(
        Locale.ROOT,
        "%,d records, %,.0f/s, %.1f MiB/s",
        records,
        records / seconds,
        bytes / seconds / (1 << 20));
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 60
        ? whole + " s"
        : whole < 3_600 ? whole / 60 + " min " + whole % 60 + " s" : whole / 3_600 + " h";
  }

  void end() {
    double seconds = Math.max(1e-3, (System.nanoTime() - began) / 1e9);
    String start = terminal ? "\r\u001b[K" : "";
    out.println(
        start + what + ": " + rate(seconds) + String.format(Locale.ROOT, ", %.1f s", seconds));
    out.flush();
  }

  void say(String line) {
    out.println(terminal ? "\r\u001b[K" + line : line);
    out.flush();
  }

  long records() {
    return records;
  }
}
