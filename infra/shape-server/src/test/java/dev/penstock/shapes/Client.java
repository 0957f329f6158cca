package dev.penstock.shapes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A plain HTTP client.
record Client(String base) {
  static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  record Reply(int status, Map<String, List<String>> headers, String body) {
    @Nullable String header(String name) {
      List<String> values = headers.get(name);
      return values == null ? null : values.getFirst();
    }

    String required(String name) {
      String value = header(name);
      if (value == null) {
        throw new AssertionError("no header " + name + " in " + this);
      }
      return value;
    }

    JsonNode json() {
      return JSON.readTree(body);
    }

    List<JsonNode> messages() {
      List<JsonNode> all = new ArrayList<>();
      json().forEach(all::add);
      return all;
    }
  }

  /// A query from names and values in turn.
  static String query(String... pairs) {
    StringBuilder query = new StringBuilder("/v1/shape");
    for (int i = 0; i < pairs.length; i += 2) {
      query.append(i == 0 ? '?' : '&').append(URLEncoder.encode(pairs[i], UTF_8));
      query.append('=').append(URLEncoder.encode(pairs[i + 1], UTF_8));
    }
    return query.toString();
  }

  Reply shape(String... pairs) {
    return get(query(pairs));
  }

  CompletableFuture<Reply> later(String... pairs) {
    return HTTP.sendAsync(request(query(pairs)).GET().build(), HttpResponse.BodyHandlers.ofString())
        .thenApply(Client::reply);
  }

  Reply get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  Reply post(String path, String body) {
    return send("POST", path, body);
  }

  Reply send(String method, String path, @Nullable String body, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return reply(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The lines of a body that is still being sent; close it to hang up.
  ///
  /// @throws IllegalStateException if there is no connection or the status is not 200
  Stream<String> lines(String path) {
    try {
      HttpResponse<Stream<String>> response =
          HTTP.send(request(path).build(), HttpResponse.BodyHandlers.ofLines());
      if (response.statusCode() != 200) {
        response.body().close();
        throw new IllegalStateException("not a stream: " + response);
      }
      return response.body();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30));
  }

  private static Reply reply(HttpResponse<String> response) {
    return new Reply(
        response.statusCode(), new LinkedHashMap<>(response.headers().map()), response.body());
  }
}
