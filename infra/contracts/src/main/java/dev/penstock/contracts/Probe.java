package dev.penstock.contracts;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/// A health check for container engines, which run a command inside the image, where no other
/// program than the JVM can be relied on.
public final class Probe {
  private static final int PATIENCE_MILLIS = 3_000;

  private Probe() {}

  /// Ends with 0 if the address answers 200 within 3 s: a 202 says that it is still starting, else
  /// with 1.
  ///
  /// @param arguments the address, such as `http://127.0.0.1:18081/health`
  public static void main(String[] arguments) {
    System.exit(isHealthy(arguments[0]) ? 0 : 1);
  }

  /// Whether the address answers 200 within 3 s.
  public static boolean isHealthy(String address) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(address).toURL().openConnection();
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException unreachable) {
      return false;
    }
  }
}
