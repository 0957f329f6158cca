package dev.penstock.local;

import dev.penstock.stack.StackException;
import java.net.BindException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.web.server.PortInUseException;

/// Turns what stopped the start into one sentence that says what to do.
final class Failures {
  private Failures() {}

  static String sentence(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String known = known(cause);
      if (known != null) {
        return known;
      }
    }
    Throwable root = root(failure);
    return "Penstock could not start: %s (see penstock.log in the data directory's logs)."
        .formatted(root.getMessage() == null ? root.toString() : root.getMessage());
  }

  static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static @Nullable String known(Throwable cause) {
    return switch (cause) {
      case SettingException e -> e.getMessage();
      case StackException e -> e.getMessage();
      case PortInUseException e -> portInUse(e.getPort());
      case UnboundConfigurationPropertiesException e ->
          Settings.unknown(
              e.getUnboundProperties()
                  .iterator()
                  .next()
                  .getName()
                  .toString()
                  .substring("penstock.".length())
                  .replace('.', '-'));
      case BindException e ->
          "A port is taken: " + e.getMessage() + ". Set another one, such as --gateway-port=8081.";
      default -> null;
    };
  }

  private static String portInUse(int port) {
    return ("Port %d is taken by another program: stop it, or set another port with --gateway-port or --shapes-port"
            + " (PENSTOCK_GATEWAY_PORT, PENSTOCK_SHAPES_PORT).")
        .formatted(port);
  }
}
