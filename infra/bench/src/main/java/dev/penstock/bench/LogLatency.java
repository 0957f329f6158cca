package dev.penstock.bench;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// From a commit's return to the moment in which a consumer can read it in the log; and what the
/// bridge costs when nothing happens.
final class LogLatency implements Way {
  private static final int WARM_RATE = 200;
  private static final int RATE = 50;

  private final Rig rig;
  private final Random random;
  private final List<LogProgram> programs;

  LogLatency(Stand stand) throws Exception {
    rig = stand.rig();
    random = new Random(stand.options().seed());
    programs = List.of(LogProgram.bare(rig, 0), LogProgram.bridge(rig));
  }

  @Override
  public void round(Results results) throws Exception {
    for (LogProgram program : programs) {
      measure(program, results);
    }
  }

  private void measure(LogProgram program, Results results) throws Exception {
    Size size = rig.stand().size();
    int count = size.of(25, 250, 1_000);
    Changes changes = new Changes(count + 100_000);
    Map<Long, Long> seen = new ConcurrentHashMap<>();
    Service service = program.start();
    program.awaitConfirmed();
    try (Writer writer = writer(changes);
        Reading reading = new Reading(program, seen)) {
      reading.begin();
      int batch = size.of(40, WARM_RATE, WARM_RATE);
      WarmUp.run(
          List.of(service),
          size.of(0, 4, 20),
          () -> {
            int warmed = writer.write(batch, WARM_RATE);
            Waiting.until("the warm-up", () -> seen.containsKey(changes.txid(warmed + batch - 1)));
          });
      Own.Share share = new Own.Share();
      double cpu = service.cpuSeconds();
      int first = writer.write(count, RATE);
      Waiting.until("the last change", () -> seen.containsKey(changes.txid(first + count - 1)));
      Latencies latencies = new Latencies();
      for (int change = first; change < first + count; change++) {
        Long at = seen.get(changes.txid(change));
        if (at == null) {
          throw new IllegalStateException("a change before one that was seen is missing");
        }
        latencies.record(changes.intended(change), changes.committed(change), at);
      }
      results.latencies(Ways.LOG.id(), program.subject(), latencies);
      results.add(
          Ways.LOG.id(),
          program.subject(),
          "CPU per transaction",
          "ms",
          (service.cpuSeconds() - cpu) * 1e3 / count);
      double cores = share.cores();
      idle(program, service, results);
      results.generator(
          new Generator(
              Ways.LOG.id(),
              program.subject(),
              cores,
              RATE,
              most(writer, size),
              "tx/s",
              "the writer without a rate"));
    }
    rig.stop(service);
  }

  private void idle(LogProgram program, Service service, Results results) throws Exception {
    int millis = rig.stand().size().of(200, 3_000, 8_000);
    // What the load left behind is no idleness.
    TimeUnit.MILLISECONDS.sleep(rig.stand().size().of(100, 1_000, 2_000));
    double before = service.cpuSeconds();
    long began = System.nanoTime();
    TimeUnit.MILLISECONDS.sleep(millis);
    double cpu = service.cpuSeconds() - before;
    results.add(
        Ways.LOG.id(),
        program.subject(),
        "idle",
        "% of a core",
        cpu * 100 / ((System.nanoTime() - began) / 1e9));
  }

  /// The writer's own limit, in transactions per second.
  private static double most(Writer writer, Size size) throws Exception {
    int count = size.of(50, 300, 2_000);
    long began = System.nanoTime();
    writer.write(count, 1_000_000);
    return count / ((System.nanoTime() - began) / 1e9);
  }

  private Writer writer(Changes changes) throws Exception {
    var connection = rig.connect();
    return new Writer(
        connection,
        "messages",
        Writer.conversations(connection, 1, "bench", random),
        changes,
        random.nextLong());
  }

  /// Notes on a thread of its own when which transaction became readable.
  private static final class Reading implements AutoCloseable {
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Thread thread;

    Reading(LogProgram program, Map<Long, Long> seen) throws Exception {
      LogProgram.Reader reader = program.reader();
      thread =
          Thread.ofPlatform()
              .daemon()
              .unstarted(() -> {
                try (reader) {
                  while (!stop.get()) {
                    reader.poll(txid -> seen.putIfAbsent(txid, System.nanoTime()));
                  }
                }
              });
    }

    void begin() {
      thread.start();
    }

    @Override
    public void close() {
      stop.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    rig.close();
  }
}
