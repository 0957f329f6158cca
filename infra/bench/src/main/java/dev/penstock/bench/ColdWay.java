package dev.penstock.bench;

import java.util.concurrent.TimeUnit;

/// The whole stack from nothing, as `infra/run` starts it once it is built, beside Postgres and
/// Kafka alone; and what memory it has when it has nothing to do.
final class ColdWay implements Way {
  static final String WHOLE = "whole stack";
  static final String BARE = "Postgres and Kafka alone";

  private final Stand stand;

  ColdWay(Stand stand) {
    this.stand = stand;
  }

  @Override
  public void round(Results results) throws Exception {
    long bareBegan = System.nanoTime();
    try (BareStack bare = BareStack.start(stand)) {
      bare.await("READY");
      add(results, BARE, "ready", bareBegan);
      bare.await("ROW");
      add(results, BARE, "first row", bareBegan);
    }
    Own.Share share = new Own.Share();
    long began = System.nanoTime();
    try (Whole whole = Whole.start(stand)) {
      var _ = whole.url();
      add(results, WHOLE, "ready", began);
      whole.syncFirstRow();
      add(results, WHOLE, "first row", began);
      double cores = share.cores();
      idle(whole, results);
      results.generator(
          Generator.thread(
              Ways.COLD,
              "client",
              cores,
              "one client, one request at a time, until the row is there"));
    }
  }

  private void idle(Whole whole, Results results) throws Exception {
    TimeUnit.SECONDS.sleep(stand.size().of(0, 2, 5));
    double cpu = whole.cpuSeconds();
    int seconds = stand.size().of(1, 2, 5);
    TimeUnit.SECONDS.sleep(seconds);
    double percent = 100 * (whole.cpuSeconds() - cpu) / seconds;
    if (Double.isFinite(percent)) {
      results.add(Ways.COLD.id(), WHOLE, "idle, without Postgres", "% of a core", percent);
    }
    try (Probe probe = whole.probe()) {
      results.add(Ways.COLD.id(), WHOLE, "idle heap", "MB", probe.liveHeap() / 1e6);
      probe
          .resident()
          .ifPresent(bytes ->
              results.add(
                  Ways.COLD.id(), WHOLE, "idle resident, without Postgres", "MB", bytes / 1e6));
    }
  }

  private static void add(Results results, String subject, String figure, long began) {
    results.add(Ways.COLD.id(), subject, figure, "s", (System.nanoTime() - began) / 1e9);
  }

  @Override
  public void close() {}
}
