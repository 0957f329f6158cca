package dev.penstock.management;

import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// A part of a service's health.
///
/// @param needed whether the service is not ready without it; else it is a detail of the whole
/// @param up answers at once
/// @param details of what can be counted, never of anybody's data
public record Part(
    String name, boolean needed, BooleanSupplier up, Supplier<Map<String, ?>> details) {
  /// One without which the service is not ready.
  public static Part needed(String name, BooleanSupplier up, Supplier<Map<String, ?>> details) {
    return new Part(name, true, up, details);
  }

  HealthAnswer answer() {
    Map<String, ?> seen = details.get();
    return HealthAnswer.of(up.getAsBoolean(), seen.isEmpty() ? Map.of() : Map.of("details", seen));
  }
}
