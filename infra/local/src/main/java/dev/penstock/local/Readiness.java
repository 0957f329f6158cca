package dev.penstock.local;

import dev.penstock.bridge.BridgeStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waits until a part of the way is open.
final class Readiness {
  private static final Duration FOR_EVER = Duration.ofDays(36_500);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Readiness() {}

  /// Completes when the bridge leads; a standby's waits as long as it stands by.
  static CompletableFuture<Void> leads(BridgeStatus bridge) {
    CompletableFuture<Void> leads = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("leads")
        .start(() -> {
          try {
            bridge.awaitLeading(FOR_EVER);
            leads.complete(null);
          } catch (Exception e) {
            leads.completeExceptionally(e);
          }
        });
    return leads;
  }

  /// Waits until one of the bridges reads the slot.
  static boolean awaitLeader(List<Instance> bridges) throws Exception {
    CompletableFuture<?>[] each =
        bridges.stream().map(Instance::leads).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.anyOf(each).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
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
