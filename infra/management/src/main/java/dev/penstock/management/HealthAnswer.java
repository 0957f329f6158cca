package dev.penstock.management;

import java.util.LinkedHashMap;
import java.util.Map;

/// One answer to a question for health.
///
/// @param body a JSON object with `status` `UP` or `DOWN`
public record HealthAnswer(boolean up, Map<String, Object> body) {
  /// With more than its status.
  ///
  /// @param more members of the body behind `status`
  public static HealthAnswer of(boolean up, Map<String, ?> more) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", up ? "UP" : "DOWN");
    body.putAll(more);
    return new HealthAnswer(up, body);
  }

  /// Without more than its status.
  public static HealthAnswer of(boolean up) {
    return of(up, Map.of());
  }
}
