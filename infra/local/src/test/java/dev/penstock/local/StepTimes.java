package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.local.TracedCommands.Sent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The tracer's times of questions, against those of observers who share nothing with it but the
/// machine's clock.
///
/// Each time must lie between what was seen before it and behind it, for every question:
/// - the POST was sent ≤ `accepted` ≤ `begun` ≤ `committed` ≤ the POST was answered,
/// - `committed` ≤ `in-log` ≤ a bare consumer could read the log's record,
/// - `in-log` ≤ `in-topics` ≤ a bare consumer could read the last topic's record,
/// - `in-log` ≤ `released` ≤ the live client has it.
///
/// And two differences are near zero at the median, which nothing makes so by construction:
/// - the shape-server released it when the bare consumer of the same log had it;
/// - the tracer's steps from `accepted` to `released`, and the way to the service and back, come to
///   the latency that the client measured from its POST to its live shape. That way is measured
///   apart, by a request that is refused before the database: one request and one answer through
///   the gateway, as the question's way in and the shape's way out are. The live answer wakes one
///   thread more than a refusal does; on a busy machine that is as much longer as the refused
///   request is.
final class StepTimes {
  /// Kafka's times are whole milliseconds, cut off: one such lies up to 1 ms before.
  private static final double TICK = 1;

  /// Of the latency; or this, where the latency is so short that one wake-up of a thread on a busy
  /// machine is more.
  private static final double SHARE = 0.05;

  private static final double FLOOR = 2;

  private final Map<String, List<Double>> noted = new LinkedHashMap<>();
  private final List<Double> latencies = new ArrayList<>();
  private final List<Double> empties = new ArrayList<>();
  private final List<Double> sums = new ArrayList<>();
  private final List<Double> gaps = new ArrayList<>();
  private final List<Double> releases = new ArrayList<>();

  /// @param readable when the log's last record of it could be read, microseconds since 1970
  /// @param inTopics its first record in each partition
  /// @param seen when the live client had it, microseconds since 1970
  void add(
      Sent sent,
      JsonNode answer,
      long readable,
      Map<String, BareConsumer.Seen> inTopics,
      long seen) {
    double accepted = millis(answer.get("accepted"));
    double begun = millis(answer.get("begun"));
    double committed = millis(answer.at("/steps/0/at"));
    double inLog = millis(answer.at("/steps/1/at"));
    double topics = millis(answer.at("/steps/2/at"));
    double released = millis(answer.at("/steps/3/at"));
    double from = sent.fromMicros() / 1e3;
    double answered = sent.toMicros() / 1e3;
    double log = readable / 1e3;
    double last =
        inTopics.values().stream().mapToLong(BareConsumer.Seen::micros).max().orElseThrow() / 1e3;
    double client = seen / 1e3;

    inOrder("accepted", from, accepted, begun);
    inOrder("begun", accepted, begun, committed);
    inOrder("committed", begun, committed, answered);
    inOrder("in-log", committed - TICK, inLog, log);
    inOrder("in-topics", inLog, topics, last);
    inOrder("released", inLog, released, client);

    double latency = client - from;
    double sum = sent.emptyMicros() / 1e3 + (released - accepted);
    latencies.add(latency);
    empties.add(sent.emptyMicros() / 1e3);
    sums.add(sum);
    gaps.add(sum - latency);
    releases.add(released - log);
    note("empty round trip", sent.emptyMicros() / 1e3);
    note("request", accepted - from);
    note("connection", begun - accepted);
    note("commit", committed - begun);
    note("log", inLog - committed);
    note("release", released - inLog);
    note("client", client - released);
    note("committed to answered", answered - committed);
    note("in-log to readable", log - inLog);
    note("in-topics to readable", last - topics);
  }

  private static void inOrder(String step, double before, double time, double after) {
    assertThat(time)
        .as("%s, between %.3f before and %.3f behind it", step, time - before, after - time)
        .isBetween(before, after);
  }

  private void note(String name, double millis) {
    noted.computeIfAbsent(name, none -> new ArrayList<>()).add(millis);
  }

  private static double millis(JsonNode time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time.asString())) / 1e3;
  }

  void verify() {
    double latency = median(latencies);
    System.out.printf(
        "%d questions, medians in ms: measured %.2f, sum of steps %.2f, their difference %.2f ± %.2f;"
            + " released behind the log's consumer %.2f ± %.2f%n",
        latencies.size(),
        latency,
        median(sums),
        median(gaps),
        uncertainty(gaps),
        median(releases),
        uncertainty(releases));
    noted.forEach((name, values) -> System.out.printf("  %s %.2f%n", name, median(values)));
    double allowed = Math.max(Math.max(FLOOR, SHARE * latency), median(empties) / 2);
    assertNone("sum of steps, less what was measured", gaps, allowed);
    assertNone("released, less when the log's consumer had it", releases, allowed);
  }

  /// Of few questions on a busy machine the median itself is not sure.
  private static void assertNone(String what, List<Double> differences, double allowed) {
    assertThat(Math.abs(median(differences)))
        .as("%s, ms at the median", what)
        .isLessThanOrEqualTo(allowed + uncertainty(differences));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /// Three standard errors of the median, from the median distance to it, which outliers do not
  /// move: σ = 1.4826 × that, and the median's error is 1.2533 σ / √n.
  private static double uncertainty(List<Double> values) {
    double middle = median(values);
    double distance = median(values.stream().map(value -> Math.abs(value - middle)).toList());
    return 3 * 1.2533 * 1.4826 * distance / Math.sqrt(values.size());
  }
}
