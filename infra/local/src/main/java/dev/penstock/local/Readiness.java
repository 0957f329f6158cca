package dev.penstock.local;

import dev.penstock.bridge.BridgeStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.context.ConfigurableApplicationContext;

/// Waits until a part of the way is open.
final class Readiness {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Readiness() {}

  /// Waits until the bridge reads the slot.
  static boolean awaitLeader(ConfigurableApplicationContext bridge) throws Exception {
    try {
      bridge.getBean(BridgeStatus.class).awaitLeading(PATIENCE);
      return true;
    } catch (TimeoutException e) {
      throw new SettingException(
          "The bridge did not get the lead within 60 s: another bridge reads the same replication slot.");
    }
  }

  /// Waits until the shape upstream says `active`; works for the own shape-server and for Electric.
  static boolean awaitShapes(String url) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
      HttpRequest health =
          HttpRequest.newBuilder(URI.create(url + "/v1/health"))
              .timeout(Duration.ofSeconds(2))
              .build();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        try {
          if (client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return true;
          }
        } catch (IOException e) {
          if (System.nanoTime() > deadline) {
            throw new SettingException(
                "The shape server at " + url + " cannot be reached: " + e.getMessage() + ".");
          }
        }
        if (System.nanoTime() > deadline) {
          throw new SettingException(
              "The shape server at " + url + " did not become ready within 60 s.");
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }
}
