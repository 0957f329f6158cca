package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Penstock's HTTP API as a program calls it.
final class Api {
  static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final String url;
  private final String token;

  private Api(String url, String token) {
    this.url = url;
    this.token = token;
  }

  static Api login(String url, String user) {
    HttpResponse<String> response = send(url + "/dev/login", "", Map.of("user", user));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new Api(url, JSON.readTree(response.body()).get("token").asString());
  }

  UUID createConversation(String title) {
    UUID id = UUID.randomUUID();
    HttpResponse<String> response = post("/conversations", Map.of("id", id, "title", title));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    return id;
  }

  /// Asks and returns the txid, which must be a JSON number.
  long ask(UUID conversation, UUID question, UUID answer, String content) {
    HttpResponse<String> response =
        post(
            "/questions/send",
            Map.of(
                "conversationId",
                conversation,
                "questionId",
                question,
                "answerId",
                answer,
                "content",
                content));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode body = JSON.readTree(response.body());
    assertThat(body.get("success").asBoolean()).isTrue();
    assertThat(body.get("txid").isNumber()).isTrue();
    return body.get("txid").asLong();
  }

  HttpResponse<String> post(String path, Object body, String... headers) {
    return send(url + path, token, body, headers);
  }

  HttpResponse<String> get(String path) {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("authorization", "Bearer " + token)
            .timeout(Duration.ofSeconds(20))
            .build());
  }

  String shapeToken(UUID conversation) {
    HttpResponse<String> response =
        post(
            "/shapes/auth-token",
            Map.of("table", "messages", "params", Map.of("conversationId", conversation)));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).get("token").asString();
  }

  HttpResponse<String> shape(String shapeToken, String query) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/shape?" + query))
            .header("authorization", "Bearer " + shapeToken)
            .timeout(Duration.ofSeconds(40))
            .build();
    return send(request);
  }

  private static HttpResponse<String> send(
      String url, String token, Object body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
    if (!token.isEmpty()) {
      request.header("authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("no answer from " + request.uri(), e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
