package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// When each change of a conversation was in the TanStack DB collection of an npm client in Node,
/// by the clock that [System#nanoTime] is too.
final class Arrivals implements AutoCloseable {
  private final Process process;
  private final Thread reading;
  private final Map<Integer, Long> times = new ConcurrentHashMap<>();

  private Arrivals(Process process, BufferedReader output) {
    this.process = process;
    reading =
        Thread.ofPlatform()
            .daemon()
            .start(() ->
                output
                    .lines()
                    .forEach(line -> {
                      int space = line.indexOf(' ');
                      times.put(
                          Integer.parseInt(line, 0, space, 10),
                          Long.parseLong(line, space + 1, line.length(), 10));
                    }));
  }

  /// Returns when it has the snapshot.
  static Arrivals of(Service gateway, String shapeToken) throws IOException, InterruptedException {
    Process process = NpmClients.start("arrive.mjs", gateway.url(), shapeToken);
    BufferedReader output = process.inputReader(US_ASCII);
    String first = output.readLine();
    if (!"READY".equals(first)) {
      process.destroy();
      throw new IOException("the npm client said " + first);
    }
    return new Arrivals(process, output);
  }

  /// Waits for changes up to one.
  void await(int change) throws Exception {
    Waiting.until(
        "the npm client",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("the npm client ended");
          }
          return times.containsKey(change);
        });
  }

  /// 0 if it has not arrived.
  long at(int change) {
    return times.getOrDefault(change, 0L);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      reading.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
