package dev.penstock.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests that are not measured.
final class Http {
  static final JsonMapper JSON = JsonMapper.shared();

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private Http() {}

  /// The status, -1 if nobody answers.
  static int status(String url) throws InterruptedException {
    try {
      return CLIENT.send(request(url).build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  /// @throws IOException also for a status that is not 2xx
  static JsonNode post(String url, @Nullable String token, Object body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(url)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
    return JSON.readTree(send(authorized(request, token)).body());
  }

  static HttpResponse<String> get(String url, @Nullable String token)
      throws IOException, InterruptedException {
    return send(authorized(request(url), token));
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60));
  }

  private static HttpRequest.Builder authorized(
      HttpRequest.Builder request, @Nullable String token) {
    return token == null ? request : request.header("authorization", "Bearer " + token);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException(
          response.uri().getPath() + ": " + response.statusCode() + " " + response.body());
    }
    return response;
  }
}
