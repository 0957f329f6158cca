package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// `infra/bench/run`: measures every way that was asked for and writes what came out.
public final class Bench {
  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    Path results = Environment.root().resolve("infra/bench/results");
    Options options;
    try {
      options = Options.of(List.of(arguments), results.resolve("latest"));
    } catch (IllegalArgumentException e) {
      String ways = Stream.of(Ways.values()).map(Ways::id).toList().toString();
      System.err.println(e.getMessage() + "\n" + Options.USAGE.formatted(ways));
      System.exit(2);
      return;
    }
    boolean complete = run(options);
    if (options.keep()) {
      keep(options.results(), results);
    }
    System.exit(complete ? 0 : 1);
  }

  /// Measures and writes.
  ///
  /// @return whether every way was measured to its end
  static boolean run(Options options) throws Exception {
    Path directory = Files.createTempDirectory("penstock-bench");
    Results results = new Results();
    boolean complete = true;
    Map<String, String> environment;
    try (Stand stand = new Stand(options, directory)) {
      environment = Environment.of(options, stand);
      environment.put("load average before", Numbers.of(Environment.load()));
      Progress progress = new Progress(options.only().size() * options.rounds());
      for (Ways way : options.only()) {
        complete &= measure(way, options, stand, results, progress);
      }
      environment.put("load average after", Numbers.of(Environment.load()));
      environment.put("took", progress.seconds() + " s");
    }
    Growth.add(results, options.size());
    write(new Report(environment, results, options.size()), results, options);
    if (complete) {
      delete(directory);
    } else {
      Progress.say("What the programs printed is in " + directory);
    }
    return complete;
  }

  /// One way that fails leaves the others their figures.
  private static boolean measure(
      Ways way, Options options, Stand stand, Results results, Progress progress) {
    int round = 1;
    try (Way open = way.open(stand)) {
      for (; round <= options.rounds(); round++) {
        progress.begin(way, round, options.rounds());
        open.round(results);
        progress.end();
      }
      return true;
    } catch (Exception e) {
      results.missing("%s, round %d".formatted(way.id(), round), "it failed: " + e);
      e.printStackTrace(System.err);
      return false;
    }
  }

  private static void write(Report report, Results results, Options options) throws IOException {
    Path directory = Files.createDirectories(options.results());
    try (Stream<Path> files = Files.list(directory)) {
      // An earlier run's plots are not this one's.
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    Map<String, String> plots = Plots.of(results, options.size());
    for (Map.Entry<String, String> plot : plots.entrySet()) {
      Files.writeString(directory.resolve(plot.getKey()), plot.getValue());
    }
    Files.writeString(directory.resolve("report.md"), report.markdown(plots.keySet()));
    Files.writeString(directory.resolve("results.json"), report.json());
    Progress.say("Results: " + directory.resolve("report.md"));
  }

  /// To where they are committed.
  private static void keep(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
