package dev.penstock.bench;

/// The whole stack from nothing, as `infra/run` starts it once it is built.
final class ColdWay implements Way {
  private final Stand stand;

  ColdWay(Stand stand) {
    this.stand = stand;
  }

  @Override
  public void round(Results results) throws Exception {
    long began = System.nanoTime();
    try (Whole whole = Whole.start(stand)) {
      var _ = whole.url();
      add(results, "ready", began);
      whole.syncFirstRow();
      add(results, "first synced row", began);
    }
    results.generator(Ways.COLD.id(), "client", 0, "none: one client, one request at a time");
  }

  private static void add(Results results, String figure, long began) {
    results.add(Ways.COLD.id(), "whole stack", figure, "s", (System.nanoTime() - began) / 1e9);
  }

  @Override
  public void close() {}
}
