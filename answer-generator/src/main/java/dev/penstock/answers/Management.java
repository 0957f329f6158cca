package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Health and metrics over HTTP, at the paths of Spring Boot's actuator: `/actuator/health`,
/// `…/health/readiness`, `…/health/liveness`, `/actuator/prometheus`. Nothing of it says anything
/// of a question or an answer.
final class Management implements AutoCloseable {
  private static final int BACKLOG = 16;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2, Thread.ofPlatform().daemon().name("penstock-answers-management-", 0).factory());

  /// Listens from now on.
  ///
  /// @param port 0 chooses a free one
  Management(String address, int port, Health health, PrometheusMeterRegistry meters) {
    try {
      server = HttpServer.create(new InetSocketAddress(address, port), BACKLOG);
    } catch (IOException e) {
      throw new IllegalStateException(
          "penstock.answers.management-port: nothing can listen on %s:%d".formatted(address, port),
          e);
    }
    serve("/", () -> null);
    serve("/actuator/health", health::whole);
    serve("/actuator/health/readiness", health::readiness);
    serve("/actuator/health/liveness", health::liveness);
    server.createContext(
        "/actuator/prometheus",
        exchange -> answer(exchange, 200, "text/plain; version=0.0.4", meters.scrape()));
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void serve(String path, Supplier<Health.@Nullable Answer> asked) {
    server.createContext(
        path,
        exchange -> {
          // A context also gets what lies below it.
          boolean here = exchange.getRequestURI().getPath().equals(path);
          Health.Answer answer = here ? asked.get() : null;
          answer(
              exchange,
              answer == null ? 404 : answer.up() ? 200 : 503,
              "application/json",
              answer == null ? "{}" : JSON.writeValueAsString(answer.body()));
        });
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
