package dev.penstock.management;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The health of a service that is alive as long as it answers, and ready while each needed part is
/// up.
///
/// @param parts in the order in which they are shown
public record Parts(List<Part> parts) implements HealthSource {
  public Parts {
    parts = List.copyOf(parts);
  }

  @Override
  public HealthAnswer readiness() {
    return HealthAnswer.of(
        parts.stream().filter(Part::needed).allMatch(part -> part.up().getAsBoolean()));
  }

  @Override
  public HealthAnswer liveness() {
    return HealthAnswer.of(true);
  }

  @Override
  public HealthAnswer whole() {
    boolean up = true;
    Map<String, Object> components = new LinkedHashMap<>();
    for (Part part : parts) {
      HealthAnswer answer = part.answer();
      up &= answer.up();
      components.put(part.name(), answer.body());
    }
    return HealthAnswer.of(up, Map.of("components", components));
  }
}
