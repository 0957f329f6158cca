package dev.penstock.bridge;

import dev.penstock.stack.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// A bridge in a process of its own, asked over its management port.
record ChildBridge(String instance, ChildJvm jvm, int port) implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(ANSWER).version(HttpClient.Version.HTTP_1_1).build();

  static ChildBridge start(TestBridge of, String instance, Path directory) throws IOException {
    return start(of.properties(), instance, directory);
  }

  static ChildBridge start(Map<String, Object> properties, String instance, Path directory)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Map<String, Object> all = new HashMap<>(properties);
    all.put("penstock.bridge.instance", instance);
    all.put("penstock.bridge.management-port", port);
    List<String> arguments = new ArrayList<>();
    all.forEach((key, value) -> arguments.add("--" + key + "=" + value));
    Path output = directory.resolve("bridge-" + instance + ".log");
    return new ChildBridge(
        instance, ChildJvm.start(BridgeApplication.class, output, arguments), port);
  }

  /// `leading`, `standby`, `failing` or `broken`; `silent` where it does not answer.
  String state() {
    String body = get("/actuator/health");
    return body.isEmpty()
        ? "silent"
        : JSON.readTree(body).at("/components/bridge/details/state").asString();
  }

  boolean leads() {
    return state().equals("leading");
  }

  /// The body, whatever the status; empty where it does not answer.
  String get(String path) {
    return answer(path).map(HttpResponse::body).orElse("");
  }

  /// The status, 0 where it does not answer.
  int status(String path) {
    return answer(path).map(HttpResponse::statusCode).orElse(0);
  }

  private java.util.Optional<HttpResponse<String>> answer(String path) {
    try {
      return java.util.Optional.of(
          HTTP.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                  .timeout(ANSWER)
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      return java.util.Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return java.util.Optional.empty();
    }
  }

  void kill() {
    jvm.kill();
  }

  @Override
  public void close() {
    jvm.close();
  }
}
