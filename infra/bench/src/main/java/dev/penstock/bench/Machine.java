package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// All processors together.
final class Machine {
  private static final Path STAT = Path.of("/proc/stat");

  /// Linux counts in hundredths of a second for programs, whatever its own tick is.
  private static final double TICKS_PER_SECOND = 100;

  /// The columns of proc(5) that are no work: idle, iowait; and guests, which are in user and nice.
  private static final List<Integer> NO_WORK = List.of(4, 5, 9, 10);

  private Machine() {}

  /// Seconds of work of all processors since the start; not a number where it is not Linux.
  static double busySeconds() {
    if (!Files.exists(STAT)) {
      return Double.NaN;
    }
    try (var lines = Files.lines(STAT, US_ASCII)) {
      String[] columns = lines.findFirst().orElseThrow().split(" +", -1);
      double ticks = 0;
      for (int column = 1; column < columns.length; column++) {
        ticks += NO_WORK.contains(column) ? 0 : Double.parseDouble(columns[column]);
      }
      return ticks / TICKS_PER_SECOND;
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
