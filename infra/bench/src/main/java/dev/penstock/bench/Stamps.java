package dev.penstock.bench;

import java.util.Arrays;
import java.util.List;

/// When each step of one change was over, by [System#nanoTime]; 0 where it is not known.
record Stamps(
    long sent,
    long committed,
    long read,
    long appended,
    long fetched,
    long direct,
    long through,
    long arrived) {
  private interface Time {
    long of(Stamps stamps);
  }

  /// The steps between them, in means over all changes.
  static Breakdown breakdown(List<Stamps> all) {
    return new Breakdown(
        List.of(
            step(
                all,
                "Postgres: insert sent → commit returned",
                Stamps::sent,
                Stamps::committed,
                "the writer's clock"),
            step(
                all,
                "bridge: commit returned → read, decoded, handed to Kafka",
                Stamps::committed,
                Stamps::read,
                "Kafka's CreateTime"),
            difference(
                all, "log: handed over → appended by the broker", Stamps::read, Stamps::appended),
            difference(
                all,
                "log: appended → in the shape-server's hands",
                Stamps::appended,
                Stamps::fetched),
            step(
                all,
                "shape-server: released, written, at a bare client",
                Stamps::fetched,
                Stamps::direct,
                "the client's clock"),
            step(
                all,
                "gateway: at a bare client behind it",
                Stamps::direct,
                Stamps::through,
                "the client's clock"),
            step(
                all,
                "browser: the row is in TanStack DB's collection",
                Stamps::through,
                Stamps::arrived,
                "the npm client's clock")),
        mean(all, Stamps::sent, Stamps::arrived),
        1);
  }

  private static Breakdown.Step step(
      List<Stamps> all, String name, Time from, Time to, String how) {
    double[] millis = millis(all, from, to);
    return new Breakdown.Step(
        name,
        Arrays.stream(millis).average().orElseThrow(),
        millis[millis.length / 2],
        millis[millis.length * 99 / 100],
        how);
  }

  /// A step at which one of Kafka's clocks takes part, of which no change has both: the difference
  /// of the means since the commit.
  private static Breakdown.Step difference(List<Stamps> all, String name, Time from, Time to) {
    double mean = mean(all, Stamps::committed, to) - mean(all, Stamps::committed, from);
    return new Breakdown.Step(name, mean, Double.NaN, Double.NaN, "difference of means");
  }

  private static double mean(List<Stamps> all, Time from, Time to) {
    return Arrays.stream(millis(all, from, to)).average().orElseThrow();
  }

  private static double[] millis(List<Stamps> all, Time from, Time to) {
    double[] millis =
        all.stream()
            .filter(stamp -> from.of(stamp) != 0 && to.of(stamp) != 0)
            .mapToDouble(stamp -> (to.of(stamp) - from.of(stamp)) / 1e6)
            .sorted()
            .toArray();
    if (millis.length == 0) {
      throw new IllegalStateException("a step has no timestamps");
    }
    return millis;
  }
}
