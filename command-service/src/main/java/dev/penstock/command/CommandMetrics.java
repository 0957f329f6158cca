package dev.penstock.command;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/// What can be seen of this service from outside; names start with `penstock.command.`.
///
/// | name | what it is |
/// |---|---|
/// | `write`, by `outcome` | timer: a command's transaction, its wait for a connection included |
/// | `in.flight` | commands that are being written now |
/// | `tokens.kept` | Auth Tokens whose signature was verified within the last minute |
/// | `connections.active`, `.waiting`, `.most` | in use, requests that wait for one, the bound |
final class CommandMetrics {
  private static final Duration[] BUCKETS =
      IntStream.of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final AtomicInteger inFlight;

  CommandMetrics(MeterRegistry registry, HikariDataSource pool) {
    this.registry = registry;
    this.inFlight = registry.gauge("penstock.command.in.flight", new AtomicInteger());
    gauge("connections.active", pool, HikariPoolMXBean::getActiveConnections);
    gauge("connections.waiting", pool, HikariPoolMXBean::getThreadsAwaitingConnection);
    registry.gauge("penstock.command.connections.most", pool, HikariDataSource::getMaximumPoolSize);
  }

  private void gauge(String name, HikariDataSource pool, ToIntFunction<HikariPoolMXBean> value) {
    registry.gauge(
        "penstock.command." + name,
        pool,
        source -> {
          // Made with the first connection.
          HikariPoolMXBean made = source.getHikariPoolMXBean();
          return made == null ? 0 : value.applyAsInt(made);
        });
  }

  Outcome write(Supplier<Outcome> work) {
    inFlight.incrementAndGet();
    long begun = System.nanoTime();
    String outcome = "failed";
    try {
      Outcome written = work.get();
      outcome = written.getClass().getSimpleName().toLowerCase(Locale.ROOT);
      return written;
    } finally {
      inFlight.decrementAndGet();
      Timer.builder("penstock.command.write")
          .tag("outcome", outcome)
          .serviceLevelObjectives(BUCKETS)
          .register(registry)
          .record(Duration.ofNanos(System.nanoTime() - begun));
    }
  }
}
