package dev.penstock.deployment;

import java.util.Locale;

/// Where a service serves, if it serves anybody, and where it says whether it is ready.
/// [ImagesTest] asks it there.
///
/// @param own what the environment variables of its settings begin with
/// @param serves whether it listens for others than those who watch it
record Endpoints(String own, boolean serves) {
  static final String READINESS = "/actuator/health/readiness";

  static Endpoints of(Service service) {
    String own = "PENSTOCK_" + service.prefix.toUpperCase(Locale.ROOT) + "_";
    return switch (service) {
      case GATEWAY, COMMAND, SHAPES -> new Endpoints(own, true);
      case ANSWERS, BRIDGE -> new Endpoints(own, false);
    };
  }

  String port() {
    return own + "PORT";
  }

  String address() {
    return own + "ADDRESS";
  }

  String managementPort() {
    return own + "MANAGEMENT_PORT";
  }

  String managementAddress() {
    return own + "MANAGEMENT_ADDRESS";
  }
}
