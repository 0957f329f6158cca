package dev.penstock.shapes;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Collects an event stream's lines.
final class EventLines {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private EventLines() {}

  /// Returns once the stream is open.
  static List<String> follow(String url) {
    List<String> lines = new CopyOnWriteArrayList<>();
    HttpResponse<java.util.stream.Stream<String>> response =
        HTTP.sendAsync(
                HttpRequest.newBuilder(URI.create(url)).build(),
                HttpResponse.BodyHandlers.ofLines())
            .join();
    if (response.statusCode() != 200
        || !response.headers().firstValue("content-type").orElse("").equals("text/event-stream")) {
      throw new AssertionError("not a stream: " + response);
    }
    Thread.ofVirtual().start(() -> response.body().forEach(lines::add));
    return lines;
  }
}
