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
/// @param seed of everything random
/// @param keep whether table and plots also go to where they are committed
/// @param electricUrl `PENSTOCK_ELECTRIC_URL`, a real Electric to compare with
/// @param electricSecret `PENSTOCK_ELECTRIC_SECRET`
/// @param electricDatabase `PENSTOCK_DATABASE_URL`, the Postgres that this Electric reads
record Options(
    Size size,
    int rounds,
    long seed,
    Set<Ways> only,
    Path results,
    boolean keep,
    @Nullable String electricUrl,
    @Nullable String electricSecret,
    @Nullable String electricDatabase) {
  static final String USAGE =
      """
      infra/bench/run [--short] [--only way,…] [--rounds n] [--seed n] [--keep]
        --short   at most 5 minutes: one round, less of everything
        --only    some of the ways: %s
        --rounds  how often each way is measured (5; short: 1)
        --seed    of everything random
        --keep    also replaces the committed table and plots\
      """;

  /// @throws IllegalArgumentException with a sentence about what is not understood
  static Options of(List<String> arguments, Path results) {
    Size size = Size.FULL;
    int rounds = 0;
    long seed = System.currentTimeMillis();
    Set<Ways> only = EnumSet.allOf(Ways.class);
    boolean keep = false;
    List<String> rest = new ArrayList<>(arguments);
    while (!rest.isEmpty()) {
      String argument = rest.removeFirst();
      switch (argument) {
        case "--short" -> size = Size.SHORT;
        case "--smoke" -> size = Size.SMOKE;
        case "--keep" -> keep = true;
        case "--only" -> only = ways(value(argument, rest));
        case "--rounds" -> rounds = Integer.parseInt(value(argument, rest));
        case "--seed" -> seed = Long.parseLong(value(argument, rest));
        default -> throw new IllegalArgumentException("\"" + argument + "\" is not known.");
      }
    }
    return new Options(
        size,
        rounds == 0 ? size.rounds() : rounds,
        seed,
        only,
        results,
        keep,
        System.getenv("PENSTOCK_ELECTRIC_URL"),
        System.getenv("PENSTOCK_ELECTRIC_SECRET"),
        System.getenv("PENSTOCK_DATABASE_URL"));
  }

  private static Set<Ways> ways(String names) {
    EnumSet<Ways> ways = EnumSet.noneOf(Ways.class);
    for (String name : names.split(",", -1)) {
      ways.add(Ways.valueOf(name.strip().toUpperCase(Locale.ROOT)));
    }
    return ways;
  }

  private static String value(String argument, List<String> rest) {
    if (rest.isEmpty()) {
      throw new IllegalArgumentException(argument + " needs a value.");
    }
    return rest.removeFirst();
  }
}
