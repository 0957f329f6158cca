package dev.penstock.deployment;

import java.util.Locale;

/// Where a service listens and says whether it is ready. [ImagesTest] asks it there.
///
/// @param portVariable the environment variable of the port
/// @param addressVariable that of the address
/// @param readiness the path
record Endpoints(String portVariable, String addressVariable, String readiness) {
  static Endpoints of(Service service) {
    String own = "PENSTOCK_" + service.prefix.toUpperCase(Locale.ROOT) + "_";
    return switch (service) {
      case GATEWAY, COMMAND -> new Endpoints(own + "PORT", own + "ADDRESS", "/health");
      case SHAPES -> new Endpoints(own + "PORT", own + "ADDRESS", "/v1/health");
      case ANSWERS, BRIDGE ->
          new Endpoints(
              own + "MANAGEMENT_PORT", own + "MANAGEMENT_ADDRESS", "/actuator/health/readiness");
    };
  }
}
