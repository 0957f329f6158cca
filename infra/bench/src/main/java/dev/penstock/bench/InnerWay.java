package dev.penstock.bench;

import dev.penstock.contracts.log.LogDecodeBenchmark;
import dev.penstock.gateway.shape.ShapeTokenBenchmark;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// The hot inner parts alone, by JMH, in a JVM of their own.
final class InnerWay implements Way {
  private final Stand stand;

  InnerWay(Stand stand) {
    this.stand = stand;
  }

  @Override
  public void round(Results results) throws Exception {
    Size size = stand.size();
    TimeValue time = TimeValue.milliseconds(size.of(20, 300, 500));
    Options options =
        new OptionsBuilder()
            .include(LogDecodeBenchmark.class.getName())
            .include(ShapeBenchmark.class.getName())
            .include(ShapeTokenBenchmark.class.getName())
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(size == Size.SMOKE ? 0 : 1)
            .jvmArgsAppend("-Xmx256m", "-XX:+UseSerialGC")
            .warmupIterations(size.of(1, 2, 5))
            .warmupTime(time)
            .measurementIterations(size.of(1, 3, 5))
            .measurementTime(time)
            .addProfiler(GCProfiler.class)
            .output(stand.directory().resolve("jmh.out").toString())
            .shouldFailOnError(true)
            .build();
    results.generator(
        Generator.idle(Ways.INNER, "JMH", Double.NaN, "it measures within a JVM of its own"));
    for (RunResult result : new Runner(options).run()) {
      String name = name(result.getParams().getBenchmark());
      results.add(Ways.INNER.id(), name, "time", "ns", result.getPrimaryResult().getScore());
      Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      if (allocated != null) {
        results.add(Ways.INNER.id(), name, "allocated", "B", allocated.getScore());
      }
    }
  }

  private static String name(String benchmark) {
    int method = benchmark.lastIndexOf('.');
    return switch (benchmark.substring(method + 1)) {
      case "decode" -> "log decode, one row";
      case "where" -> "where evaluation";
      case "message" -> "change to message, filter included";
      case "verifyFirst" -> "Shape Token verification, the first";
      case "verifyAgain" -> "Shape Token verification, a repeated one";
      default -> benchmark;
    };
  }

  @Override
  public void close() {}
}
