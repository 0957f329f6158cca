package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/// Health and metrics over HTTP, at the paths of Spring Boot's actuator, for whoever deploys the
/// bridge: `/actuator/health`, `…/health/readiness`, `…/health/liveness`, `/actuator/prometheus`.
///
/// Nothing of it says anything of the data. It listens on a port of its own, since the bridge
/// serves nothing else.
final class Management implements AutoCloseable {
  /// No server at all.
  static final int NONE = -1;

  private static final int BACKLOG = 16;
  private static final int THREADS = 2;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("penstock-bridge-management-", 0).factory());
  private final Health health;
  private final PrometheusMeterRegistry meters;

  private Management(HttpServer server, Health health, PrometheusMeterRegistry meters) {
    this.server = server;
    this.health = health;
    this.meters = meters;
  }

  /// Listens from now on.
  ///
  /// @param port 0 chooses a free one
  static Management start(String address, int port, Health health, PrometheusMeterRegistry meters) {
    try {
      InetSocketAddress where = new InetSocketAddress(address, port);
      Management management = new Management(HttpServer.create(where, BACKLOG), health, meters);
      management.serve();
      return management;
    } catch (IOException e) {
      throw new IllegalStateException(
          "penstock.bridge.management-port: nothing can listen on %s:%d".formatted(address, port),
          e);
    }
  }

  private void serve() {
    server.createContext("/", exchange -> answer(exchange, 404, "application/json", "{}"));
    server.createContext("/actuator/health", this::health);
    server.createContext(
        "/actuator/prometheus",
        exchange -> answer(exchange, 200, "text/plain; version=0.0.4", meters.scrape()));
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void health(HttpExchange exchange) throws IOException {
    Health.Answer answer =
        switch (exchange.getRequestURI().getPath()) {
          case "/actuator/health" -> health.whole();
          case "/actuator/health/readiness" -> health.readiness();
          case "/actuator/health/liveness" -> health.liveness();
          default -> null;
        };
    if (answer == null) {
      answer(exchange, 404, "application/json", "{}");
    } else {
      answer(
          exchange,
          answer.up() ? 200 : 503,
          "application/json",
          JSON.writeValueAsString(answer.body()));
    }
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    try (exchange) {
      boolean asked = exchange.getRequestMethod().equals("GET");
      byte[] bytes = asked ? body.getBytes(UTF_8) : new byte[0];
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(asked ? status : 405, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
