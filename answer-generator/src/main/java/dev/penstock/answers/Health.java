package dev.penstock.answers;

import dev.penstock.management.HealthAnswer;
import dev.penstock.management.HealthSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the answer-generator says of itself to whoever deploys it.
///
/// - Ready is who takes questions from Kafka, reaches the database and hears the model, as far as
///   it was asked: a rolling deployment waits for that.
/// - Alive is who still looks after its leases, whether the database answers or not: a restart
///   mends no database.
/// - An answer that waits longer than it may, for a worker of any instance, is down as a part, and
///   makes the whole down for whoever watches it. No instance is unready or dead for it.
/// - A provider that fails is a number among the metrics: its answers end with a reason.
final class Health implements HealthSource {
  /// Longer than a round that waits for a connection and for its statements in vain.
  private static final Duration SLOWEST_ROUND = Duration.ofSeconds(40);

  private final Rounds leases;
  private final Rounds sweeps;
  private final AnswerMetrics metrics;
  private final Duration longestWait;
  private final Duration longestSilence;

  /// @param longestWait of an answer that nobody works at
  /// @param longestSilence of the model, towards all answers in work together
  Health(
      Rounds leases,
      Rounds sweeps,
      AnswerMetrics metrics,
      Duration longestWait,
      Duration longestSilence) {
    this.leases = leases;
    this.sweeps = sweeps;
    this.metrics = metrics;
    this.longestWait = longestWait;
    this.longestSilence = longestSilence;
  }

  @Override
  public HealthAnswer readiness() {
    return HealthAnswer.of(
        metrics.isIntakeUp() && sweeps.succeeds() && silence().compareTo(longestSilence) < 0);
  }

  private Duration silence() {
    return metrics.silence();
  }

  @Override
  public HealthAnswer liveness() {
    return HealthAnswer.of(leases.sinceEnd().compareTo(SLOWEST_ROUND) < 0);
  }

  @Override
  public HealthAnswer whole() {
    boolean flows = metrics.queueAge().compareTo(longestWait) <= 0;
    Map<String, Object> components = new LinkedHashMap<>();
    components.put("intake", HealthAnswer.of(metrics.isIntakeUp()).body());
    components.put("database", HealthAnswer.of(sweeps.succeeds()).body());
    components.put(
        "queue",
        HealthAnswer.of(
                flows,
                Map.of(
                    "details",
                    Map.of(
                        "oldestSeconds",
                        metrics.queueAge().toSeconds(),
                        "inFlight",
                        metrics.inFlight())))
            .body());
    boolean speaks = silence().compareTo(longestSilence) < 0;
    components.put(
        "model",
        HealthAnswer.of(speaks, Map.of("details", Map.of("silentSeconds", silence().toSeconds())))
            .body());
    return HealthAnswer.of(
        metrics.isIntakeUp() && sweeps.succeeds() && flows && speaks,
        Map.of("components", components));
  }
}
