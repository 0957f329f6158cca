package dev.penstock.bench;

import java.util.Collections;
import java.util.List;
import java.util.function.DoubleSupplier;

/// One measurement of live clients: they follow, changes are written, all of them must arrive.
final class Load {
  /// What it was like, beside the latencies.
  ///
  /// @param bytes of bodies per change and client
  /// @param serverMillis of CPU per change, of the server
  /// @param cores of the load generator
  record Outcome(Latencies latencies, double bytes, double serverMillis, double cores) {}

  /// Writes changes at a rate and says the number of the first.
  interface Source {
    int write(int count, int perSecond) throws Exception;
  }

  private Load() {}

  /// @param clients where each client follows what; every change goes to so many of them
  /// @param perChange how many clients get one change
  /// @param serverCpu its seconds of CPU so far
  static Outcome run(
      List<Target> clients,
      int perChange,
      Source source,
      Changes changes,
      DoubleSupplier serverCpu,
      int warm,
      int warmRate,
      int count,
      int rate)
      throws Exception {
    try (LiveClients live = new LiveClients()) {
      live.add(clients);
      source.write(warm, warmRate);
      live.await((long) warm * perChange);
      long bytes = live.bytes();
      double cpu = serverCpu.getAsDouble();
      Own.Share share = new Own.Share();
      int first = source.write(count, rate);
      live.await((long) (warm + count) * perChange);
      double cores = share.cores();
      Latencies latencies = new Latencies();
      live.record(changes, first, latencies);
      return new Outcome(
          latencies,
          (double) (live.bytes() - bytes) / count / perChange,
          (serverCpu.getAsDouble() - cpu) * 1e3 / count,
          cores);
    }
  }

  /// The most answers per second that the live clients can take: from a server that answers at
  /// once.
  static double most(Stand stand) throws Exception {
    try (LiveClients clients = new LiveClients()) {
      clients.add(Collections.nCopies(64, NullServer.none(stand.nothing())));
      Waiting.until(
          "warm clients", () -> clients.requests() > stand.size().of(2_000, 20_000, 50_000));
      long before = clients.requests();
      long began = System.nanoTime();
      Waiting.at(began + stand.size().of(200, 1_000, 2_000) * 1_000_000L);
      return (clients.requests() - before) / ((System.nanoTime() - began) / 1e9);
    }
  }
}
