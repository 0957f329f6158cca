package dev.penstock.deployment;

import dev.penstock.answers.AnswersApplication;
import dev.penstock.bridge.BridgeApplication;
import dev.penstock.command.CommandApplication;
import dev.penstock.gateway.GatewayApplication;
import dev.penstock.shapes.ShapesApplication;
import java.util.HashMap;
import java.util.Map;

/// Starts a service in this JVM, with what it does not start without.
final class Starts {
  private Starts() {}

  static void start(Service service, Map<String, Object> properties) {
    Map<String, Object> all = new HashMap<>(properties);
    switch (service) {
      case GATEWAY -> {
        all.put("penstock.gateway.auth-secret", Tokens.SECRET);
        all.put("penstock.gateway.shape-token-keys", "a:" + Tokens.SECRET);
        all.put("penstock.gateway.port", 0);
        GatewayApplication.start(all).close();
      }
      case COMMAND -> {
        all.put("penstock.command.auth-secret", Tokens.SECRET);
        all.put("penstock.command.port", 0);
        CommandApplication.start(all).close();
      }
      case ANSWERS -> AnswersApplication.start(all).close();
      case BRIDGE -> BridgeApplication.start(all).close();
      case SHAPES -> {
        all.put("penstock.shapes.development", true);
        all.put("penstock.shapes.port", 0);
        ShapesApplication.start(all).close();
      }
    }
  }
}
