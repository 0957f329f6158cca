package dev.penstock.gateway;

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

  /// @param url base of the server, without `/v1/health`
  UpstreamProbe(String url) {
    request =
        HttpRequest.newBuilder(URI.create(url.replaceAll("/+$", "") + "/v1/health"))
            .timeout(PATIENCE)
            .build();
  }

  /// An Electric or a shape-server that is not active yet, or not any more, says 202.
  @Override
  public Boolean call() throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
