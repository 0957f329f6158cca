package dev.penstock.local;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Waits until a part of the way is open.
final class Readiness {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Readiness() {}

  /// Waits until the shape upstream says `active`; works for the own shape-server and for Electric.
  static boolean awaitShapes(String url) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
      HttpRequest health = HttpRequest.newBuilder(URI.create(url + "/v1/health")).timeout(Duration.ofSeconds(2)).build();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        try {
          if (client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return true;
          }
        } catch (java.io.IOException e) {
          if (System.nanoTime() > deadline) {
            throw new SettingException("The shape server at " + url + " cannot be reached: " + e.getMessage() + ".");
          }
        }
        if (System.nanoTime() > deadline) {
          throw new SettingException("The shape server at " + url + " did not become ready within 60 s.");
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }
}
