package dev.penstock.management;

/// What a service says of itself; asked by any thread, and answered without waiting for anybody.
public interface HealthSource {
  /// Whether work may be sent here.
  HealthAnswer readiness();

  /// Whether it can go on without a restart.
  HealthAnswer liveness();

  /// Everything that is known, by `components`.
  HealthAnswer whole();
}
