package dev.penstock.answers;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the answer-generator says of itself to whoever deploys it.
///
/// - Ready is who takes questions from Kafka and reaches the database: a rolling deployment waits
///   for that.
/// - Alive is who still looks after its leases, whether the database answers or not: a restart
///   mends no database.
/// - An answer that waits longer than it may, for a worker of any instance, is down as a part, and
///   makes the whole down for whoever watches it. No instance is unready or dead for it.
/// - A provider that fails is a number among the metrics: its answers end with a reason.
final class Health {
  /// Longer than a round that waits for a connection and for its statements in vain.
  private static final Duration SLOWEST_ROUND = Duration.ofSeconds(40);

  private final Rounds leases;
  private final Rounds sweeps;
  private final AnswerMetrics metrics;
  private final Duration longestWait;

  /// @param longestWait of an answer that nobody works at
  Health(Rounds leases, Rounds sweeps, AnswerMetrics metrics, Duration longestWait) {
    this.leases = leases;
    this.sweeps = sweeps;
    this.metrics = metrics;
    this.longestWait = longestWait;
  }

  /// @param body a JSON object with `status` `UP` or `DOWN`
  record Answer(boolean up, Map<String, Object> body) {}

  Answer readiness() {
    return answer(metrics.isIntakeUp() && sweeps.succeeds(), Map.of());
  }

  Answer liveness() {
    return answer(leases.sinceEnd().compareTo(SLOWEST_ROUND) < 0, Map.of());
  }

  Answer whole() {
    boolean flows = metrics.queueAge().compareTo(longestWait) <= 0;
    Map<String, Object> components = new LinkedHashMap<>();
    components.put("intake", answer(metrics.isIntakeUp(), Map.of()).body());
    components.put("database", answer(sweeps.succeeds(), Map.of()).body());
    components.put(
        "queue",
        answer(
                flows,
                Map.of(
                    "details",
                    Map.of(
                        "oldestSeconds",
                        metrics.queueAge().toSeconds(),
                        "inFlight",
                        metrics.inFlight())))
            .body());
    return answer(
        metrics.isIntakeUp() && sweeps.succeeds() && flows, Map.of("components", components));
  }

  private static Answer answer(boolean up, Map<String, Object> more) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", up ? "UP" : "DOWN");
    body.putAll(more);
    return new Answer(up, body);
  }
}
