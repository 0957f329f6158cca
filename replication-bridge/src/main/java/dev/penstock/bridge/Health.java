package dev.penstock.bridge;

import dev.penstock.bridge.router.RouterStatus;
import dev.penstock.management.HealthAnswer;
import dev.penstock.management.HealthSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What the bridge says of itself to whoever deploys it.
///
/// - Ready is who leads or stands by: a rolling deployment waits for the new one to stand by, never
///   for it to lead. Who fails or is broken is not.
/// - Nor is one whom Postgres does not answer, or whose log stands still although there is WAL for
///   it.
/// - Alive is who is not broken: a broken one ends by itself, and trying again is not mended by a
///   restart.
/// - An alarm of the WAL is a detail: it makes nobody unready, since a restart would only add to
///   it.
/// - A router that fails for long is down as a part, and makes the whole down for whoever watches
///   it. Nobody is unready or dead for it, since the next leader's would fail as well.
final class Health implements HealthSource {
  private final BridgeStatus status;
  private final WalGuard guard;
  private final Supplier<Optional<RouterStatus>> router;

  /// @param router of the present term, empty where there is none
  Health(BridgeStatus status, WalGuard guard, Supplier<Optional<RouterStatus>> router) {
    this.status = status;
    this.guard = guard;
    this.router = router;
  }

  @Override
  public HealthAnswer readiness() {
    return HealthAnswer.of(ready());
  }

  private boolean ready() {
    return status.ready() && guard.looks() && guard.moves();
  }

  @Override
  public HealthAnswer liveness() {
    boolean alive =
        switch (status.state()) {
          case BridgeStatus.Leading _, BridgeStatus.Standby _, BridgeStatus.Failing _ -> true;
          case BridgeStatus.Broken _, BridgeStatus.Closed _ -> false;
        };
    return HealthAnswer.of(alive);
  }

  @Override
  public HealthAnswer whole() {
    Map<String, Object> components = new LinkedHashMap<>();
    components.put("bridge", HealthAnswer.of(status.ready(), Map.of("details", bridge())).body());
    components.put(
        "wal", HealthAnswer.of(guard.looks() && guard.moves(), Map.of("details", wal())).body());
    Optional<RouterStatus> present = router.get();
    boolean routes = present.map(at -> !at.down()).orElse(true);
    components.put(
        "router",
        HealthAnswer.of(routes, Map.of("details", present.map(Health::router).orElse(Map.of())))
            .body());
    return HealthAnswer.of(ready() && routes, Map.of("components", components));
  }

  private static Map<String, Object> router(RouterStatus present) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("running", present.running());
    present.lag().ifPresent(records -> details.put("lagRecords", records));
    present
        .failure()
        .ifPresent(failure -> {
          details.put("failures", failure.count());
          details.put("since", failure.since().toString());
          details.put("reason", Retries.sentence(failure.last()));
        });
    return details;
  }

  private Map<String, Object> bridge() {
    return switch (status.state()) {
      case BridgeStatus.Leading(long epoch) -> Map.of("state", "leading", "epoch", epoch);
      case BridgeStatus.Standby() -> Map.of("state", "standby");
      case BridgeStatus.Failing(int failures, var since, String reason) ->
          Map.of(
              "state",
              "failing",
              "failures",
              failures,
              "since",
              since.toString(),
              "reason",
              reason);
      case BridgeStatus.Broken(String reason) -> Map.of("state", "broken", "reason", reason);
      case BridgeStatus.Closed() -> Map.of("state", "closed");
    };
  }

  private Map<String, Object> wal() {
    Map<String, Object> details = new LinkedHashMap<>();
    List<String> alarms = guard.alarms();
    details.put("alarms", alarms);
    details.put("standsStillSeconds", guard.standsStill().toSeconds());
    guard
        .last()
        .ifPresent(sample -> {
          details.put("retainedBytes", sample.retainedBytes());
          details.put("unconfirmedBytes", sample.unconfirmedBytes());
          details.put("oldestTransactionSeconds", sample.oldestTransaction().toSeconds());
        });
    return details;
  }
}
