package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// `infra/bench/run`: measures every way that was asked for and writes what came out.
public final class Bench {
  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Environment.root();
    Path results = root.resolve("infra/bench/results");
    List<String> words = List.of(arguments);
    String first = words.isEmpty() ? "" : words.getFirst();
    try {
      switch (first) {
        case "compare" -> Comparison.print(directories(words));
        case "publish" ->
            new Publication(root)
                .publish(words.size() > 1 ? Path.of(words.get(1)) : results.resolve("full"));
        default -> System.exit(measure(Options.of(words, results), root) ? 0 : 1);
      }
    } catch (IllegalArgumentException e) {
      String ways = Stream.of(Ways.values()).map(Ways::id).toList().toString();
      System.err.println((e.getMessage() + "\n\n" + Options.USAGE.formatted(ways)).strip());
      System.exit(2);
    }
  }

  private static List<Path> directories(List<String> words) {
    return words.stream().skip(1).map(Path::of).toList();
  }

  /// All runs.
  private static boolean measure(Options options, Path root) throws Exception {
    Path directory = options.results();
    boolean complete = true;
    if (options.runs() == 1) {
      complete = run(options).complete();
    } else {
      List<Path> all = new ArrayList<>();
      Results together = new Results();
      for (int run = 1; run <= options.runs(); run++) {
        Progress.say("Run %d of %d".formatted(run, options.runs()));
        all.add(directory.resolve("run-" + run));
        Run one = run(options.into(all.getLast()));
        complete &= one.complete();
        together.add(one.results());
        if (run > 1) {
          // After each, so that what is interrupted leaves those before it.
          Map<String, String> environment = new LinkedHashMap<>(one.environment());
          environment.put("runs", Integer.toString(run));
          write(new Report(environment, together, options.size()), together, options);
          Comparison.write(all, directory);
        }
      }
    }
    if (options.publish()) {
      new Publication(root).publish(directory);
    }
    return complete;
  }

  /// What came out of one run.
  ///
  /// @param complete whether every way was measured to its end
  record Run(boolean complete, Results results, Map<String, String> environment) {}

  /// Measures and writes.
  static Run run(Options options) throws Exception {
    Path directory = Files.createTempDirectory("penstock-bench");
    Profiles.into(
        options.profile()
            ? Files.createDirectories(options.results().resolve("profiles").toAbsolutePath())
            : null);
    Results results = new Results();
    boolean complete = true;
    Map<String, String> environment;
    try (Stand stand = new Stand(options, directory)) {
      environment = Environment.of(options, stand);
      environment.put("load average before", Numbers.of(Environment.load()));
      Progress progress = new Progress(options.only());
      for (Ways way : options.only()) {
        complete &= measure(way, options, stand, results, progress);
        if (way.endsFollowing(options.only())) {
          stand.endFollowed();
        }
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
    return new Run(complete, results, environment);
  }

  /// One way that fails leaves the others their figures.
  private static boolean measure(
      Ways way, Options options, Stand stand, Results results, Progress progress) {
    int round = 0;
    long began = System.nanoTime();
    progress.prepare(way);
    try (Way open = way.open(stand)) {
      int rounds = options.rounds(way);
      for (round = 1; round <= rounds; round++) {
        progress.begin(way, round, rounds);
        open.round(results);
      }
      return true;
    } catch (Exception e) {
      String where = round == 0 ? "preparation" : "round " + round;
      results.missing("%s, %s".formatted(way.id(), where), "it failed: " + e);
      e.printStackTrace(System.err);
      return false;
    } finally {
      results.took(way, (System.nanoTime() - began) / 1e9);
      progress.end();
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
    Progress.say("\n" + report.summary());
    Progress.say("Results: " + directory.resolve("report.md"));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
