package dev.penstock.bench;

import dev.penstock.stack.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A service in a JVM of its own, as the launcher would start it.
final class Service implements AutoCloseable {
  /// Of every service, in the flags of `infra/run`.
  static final String HEAP = "-Xmx512m";

  private static final Duration STOP = Duration.ofSeconds(15);

  private final ChildJvm jvm;
  private final int port;
  private @Nullable Probe probe;

  private Service(ChildJvm jvm, int port) {
    this.jvm = jvm;
    this.port = port;
  }

  /// @param port where it was told to listen, 0 for nowhere
  static Service start(
      Class<?> main, Path directory, String name, int port, Map<String, ?> properties) {
    List<String> arguments = new ArrayList<>();
    properties.forEach((key, value) -> arguments.add("--" + key + "=" + value));
    return start(main, directory, name, port, arguments);
  }

  static Service start(
      Class<?> main, Path directory, String name, int port, List<String> arguments) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                HEAP, "-XX:+UseSerialGC", "-Dpenstock.logs=" + directory.resolve(name + "-logs")));
    flags.addAll(Profiles.flags(name));
    Path output = directory.resolve(name + ".out");
    return new Service(ChildJvm.start(flags, main, output, arguments), port);
  }

  int port() {
    return port;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  long pid() {
    return jvm.pid();
  }

  /// Not before it is needed: it is work for the service, too.
  synchronized Probe probe() {
    try {
      if (probe == null) {
        probe = new Probe(jvm.pid());
      }
      return probe;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Seconds of CPU since its start, its collector and compiler included.
  double cpuSeconds() {
    return ProcessClock.seconds(jvm.pid()).orElseGet(() -> probe().cpuSeconds());
  }

  boolean isRunning() {
    return jvm.isRunning();
  }

  /// In order; by force if it takes too long.
  @Override
  public synchronized void close() {
    if (probe != null) {
      probe.close();
    }
    if (Profiles.active()) {
      // ChildJvm.terminate() also closes its input, at which it ends without its recording.
      ProcessHandle.of(jvm.pid()).ifPresent(ProcessHandle::destroy);
    } else {
      jvm.terminate();
    }
    var _ = jvm.awaitExit(STOP);
    jvm.close();
  }
}
