package dev.penstock.local;

import dev.penstock.answers.AnswersApplication;
import dev.penstock.bridge.BridgeApplication;
import dev.penstock.command.CommandApplication;
import dev.penstock.gateway.GatewayApplication;
import dev.penstock.shapes.ShapesApplication;
import java.util.Locale;
import java.util.Map;
import org.springframework.context.ConfigurableApplicationContext;

/// The services, each as it is started in a JVM.
enum Service {
  REPLICATION_BRIDGE("") {
    @Override
    ConfigurableApplicationContext start(Map<String, Object> properties) {
      return BridgeApplication.start(properties);
    }
  },
  COMMAND_SERVICE("/health") {
    @Override
    ConfigurableApplicationContext start(Map<String, Object> properties) {
      return CommandApplication.start(properties);
    }
  },
  SHAPE_SERVER("/v1/health") {
    @Override
    ConfigurableApplicationContext start(Map<String, Object> properties) {
      return ShapesApplication.start(properties);
    }
  },
  ANSWER_GENERATOR("") {
    @Override
    ConfigurableApplicationContext start(Map<String, Object> properties) {
      return AnswersApplication.start(properties);
    }
  },
  GATEWAY("/health") {
    @Override
    ConfigurableApplicationContext start(Map<String, Object> properties) {
      return GatewayApplication.start(properties, DevLogin.class);
    }
  };

  private final String healthPath;

  Service(String healthPath) {
    this.healthPath = healthPath;
  }

  abstract ConfigurableApplicationContext start(Map<String, Object> properties);

  /// Where it says whether it is ready; empty if it serves no clients.
  String healthPath() {
    return healthPath;
  }

  /// As in file names and in `ps`.
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Service of(String label) {
    for (Service service : values()) {
      if (service.label().equals(label)) {
        return service;
      }
    }
    throw new SettingException("There is no service \"" + label + "\".");
  }
}
