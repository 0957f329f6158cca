package dev.penstock.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was asked for.
///
/// @param asked how often each way is measured, 0 for as often as it needs
/// @param runs of everything, one after the other, which are compared at the end
/// @param seed of everything random
/// @param results where they are written
/// @param publish whether table and plots also go to where they are committed
/// @param profile whether JFR records every service
/// @param electricUrl `PENSTOCK_ELECTRIC_URL`, a real Electric to compare with
/// @param electricSecret `PENSTOCK_ELECTRIC_SECRET`
/// @param electricDatabase `PENSTOCK_DATABASE_URL`, the Postgres that this Electric reads
record Options(
    Size size,
    int asked,
    int runs,
    long seed,
    Set<Ways> only,
    Path results,
    boolean publish,
    boolean profile,
    @Nullable String electricUrl,
    @Nullable String electricSecret,
    @Nullable String electricDatabase) {
  static final String USAGE =
      """
      infra/bench/run [--short] [--only way,…] [--rounds n] [--runs n] [--seed n] [--publish] [--profile]
        --short   fewer rounds, less of everything
        --only    some of the ways: %s
        --rounds  how often each way is measured, baseline and candidate in turn
        --runs    everything so often anew: their rounds together, and how far their ratios are apart
        --seed    of everything random
        --publish also puts table and plots where they are committed: infra/bench/measured, README.md
        --profile a JFR recording of every service, beside the results; the figures suffer
      infra/bench/run compare <directory>…
                  how far the ratios of earlier runs are apart
      infra/bench/run publish [<directory>]
                  as --publish, of an earlier run (infra/bench/results/full)
      Results: infra/bench/results/short or full; of several runs in run-1, run-2, … within it.\
      """;

  /// @param root where the results of each size have a directory
  /// @throws IllegalArgumentException with a sentence about what is not understood
  static Options of(List<String> arguments, Path root) {
    Size size = Size.FULL;
    int rounds = 0;
    int runs = 1;
    long seed = System.currentTimeMillis();
    Set<Ways> only = EnumSet.allOf(Ways.class);
    boolean publish = false;
    boolean profile = false;
    List<String> rest = new ArrayList<>(arguments);
    while (!rest.isEmpty()) {
      String argument = rest.removeFirst();
      switch (argument) {
        case "--help", "-h" -> throw new IllegalArgumentException("");
        case "--short" -> size = Size.SHORT;
        case "--smoke" -> size = Size.SMOKE;
        case "--publish" -> publish = true;
        case "--profile" -> profile = true;
        case "--only" -> only = ways(value(argument, rest));
        case "--rounds" -> rounds = positive(argument, rest);
        case "--runs" -> runs = positive(argument, rest);
        case "--seed" -> seed = Long.parseLong(value(argument, rest));
        default -> throw new IllegalArgumentException("\"" + argument + "\" is not known.");
      }
    }
    return new Options(
        size,
        rounds,
        runs,
        seed,
        only,
        root.resolve(size.name().toLowerCase(Locale.ROOT)),
        publish,
        profile,
        System.getenv("PENSTOCK_ELECTRIC_URL"),
        System.getenv("PENSTOCK_ELECTRIC_SECRET"),
        System.getenv("PENSTOCK_DATABASE_URL"));
  }

  int rounds(Ways way) {
    return asked == 0 ? way.rounds(size) : asked;
  }

  /// The same, with results elsewhere.
  Options into(Path other) {
    return new Options(
        size,
        asked,
        runs,
        seed,
        only,
        other,
        publish,
        profile,
        electricUrl,
        electricSecret,
        electricDatabase);
  }

  private static Set<Ways> ways(String names) {
    EnumSet<Ways> ways = EnumSet.noneOf(Ways.class);
    for (String name : names.split(",", -1)) {
      ways.add(Ways.of(name.strip()));
    }
    return ways;
  }

  private static int positive(String argument, List<String> rest) {
    int value = Integer.parseInt(value(argument, rest));
    if (value < 1) {
      throw new IllegalArgumentException(argument + " needs a number above 0.");
    }
    return value;
  }

  private static String value(String argument, List<String> rest) {
    if (rest.isEmpty()) {
      throw new IllegalArgumentException(argument + " needs a value.");
    }
    return rest.removeFirst();
  }
}
