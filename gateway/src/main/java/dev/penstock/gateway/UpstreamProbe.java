package dev.penstock.gateway;

import dev.penstock.management.CanaryLag;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;

/// Whether the shape server, an Electric or our own, says that it is active. On connections of its
/// own: those of the clients' requests may all be held polls.
final class UpstreamProbe implements Callable<Boolean>, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final HttpRequest request;
  private final CanaryLag canary;

  /// @param url base of the server, without `/v1/health`
  /// @param canary told of those that a shape-server has released; an Electric says nothing of them
  UpstreamProbe(String url, CanaryLag canary) {
    this.canary = canary;
    request =
        HttpRequest.newBuilder(URI.create(url.replaceAll("/+$", "") + "/v1/health"))
            .timeout(PATIENCE)
            .build();
  }

  /// An Electric or a shape-server that is not active yet, or not any more, says 202.
  @Override
  public Boolean call() throws IOException, InterruptedException {
    HttpResponse<Void> answer = http.send(request, HttpResponse.BodyHandlers.discarding());
    answer
        .headers()
        .firstValue("penstock-canary")
        .filter(micros -> micros.matches("[0-9]{1,18}"))
        .ifPresent(micros -> canary.arrived(Long.parseLong(micros)));
    return answer.statusCode() == 200;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
