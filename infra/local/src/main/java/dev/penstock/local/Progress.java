package dev.penstock.local;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;

/// One line a step, with its time.
final class Progress {
  private final PrintStream out;

  Progress(PrintStream out) {
    this.out = out;
  }

  <T> T step(String what, Callable<T> work) throws Exception {
    long start = System.nanoTime();
    T result = work.call();
    done(what, start);
    return result;
  }

  void done(String what, long startNanos) {
    say(
        String.format(
            Locale.ROOT, "  %-46s %5.1f s", what, (System.nanoTime() - startNanos) / 1e9));
  }

  void say(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
