package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.AppInfoParser;
import org.springframework.boot.SpringBootVersion;

/// Where and with what a run was made.
final class Environment {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Environment() {}

  /// The repository's directory: the nearest one above that has the modules.
  static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("infra/bench"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("infra/bench is run within the repository");
      }
    }
    return directory;
  }

  static Map<String, String> of(Options options, Stand stand) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    all.put("commit", commit());
    all.put(
        "machine",
        "%s, %d processors, %d GB"
            .formatted(
                processor(),
                Runtime.getRuntime().availableProcessors(),
                Math.round(SYSTEM.getTotalMemorySize() / 1e9)));
    all.put(
        "system",
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    all.put(
        "jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    all.put("postgres", stand.postgresVersion());
    all.put("kafka", AppInfoParser.getVersion());
    all.put("spring boot", SpringBootVersion.getVersion());
    all.put("electric", options.electricUrl() == null ? "none given" : options.electricUrl());
    all.put(
        "settings",
        "services "
            + Service.HEAP
            + " -XX:+UseSerialGC, each in its own JVM; Postgres with fsync; one Kafka broker, acks=all,"
            + " no flush per record; everything on loopback");
    all.put("size", options.size().name().toLowerCase(Locale.ROOT));
    all.put(
        "rounds",
        options.only().stream()
            .map(way -> way.id() + " " + options.rounds(way))
            .collect(Collectors.joining(", ")));
    all.put("seed", Long.toString(options.seed()));
    return all;
  }

  /// Runnable processes, mean of the last minute; negative where the system does not say.
  static double load() {
    return SYSTEM.getSystemLoadAverage();
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }

  private static String commit() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty")
              .directory(root().toFile())
              .start();
      String name = new String(git.getInputStream().readAllBytes(), US_ASCII).strip();
      return name.isEmpty() ? "unknown" : name;
    } catch (IOException e) {
      return "unknown";
    }
  }
}
