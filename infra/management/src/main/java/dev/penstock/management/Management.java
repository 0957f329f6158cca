package dev.penstock.management;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Health and metrics over HTTP: `/actuator/health`, `…/health/readiness`, `…/health/liveness`,
/// `/actuator/prometheus`. It says nothing of the data, and has threads of its own: a service whose
/// own are all busy still answers.
public final class Management implements AutoCloseable {
  /// The port that stands for no server at all.
  public static final int NONE = -1;

  private static final Logger log = LoggerFactory.getLogger(Management.class);
  private static final int BACKLOG = 16;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2, Thread.ofPlatform().daemon().name("penstock-management-", 0).factory());

  private Management(HttpServer server) {
    this.server = server;
  }

  /// Listens from now on, and logs where.
  ///
  /// @param prefix of the service's settings, such as `penstock.bridge`
  /// @param port 0 chooses a free one
  /// @throws IllegalStateException that names the setting if nothing can listen there
  public static Management start(
      String prefix,
      String address,
      int port,
      HealthSource health,
      PrometheusMeterRegistry meters) {
    Management management;
    try {
      management = new Management(HttpServer.create(new InetSocketAddress(address, port), BACKLOG));
    } catch (IOException e) {
      throw new IllegalStateException(
          "%s.management-port: nothing can listen on %s:%d".formatted(prefix, address, port), e);
    }
    management.serve(health, meters);
    log.atInfo()
        .addKeyValue("service", prefix)
        .addKeyValue("address", address)
        .addKeyValue("port", management.port())
        .log("health and metrics are served");
    return management;
  }

  /// Whether a server is wanted.
  ///
  /// @param prefix of the service's settings, for the sentence
  /// @throws IllegalArgumentException for what is no port, nor 0 nor -1
  public static boolean wanted(String prefix, int port) {
    if (port < NONE || port > 65_535) {
      throw new IllegalArgumentException(
          prefix + ".management-port must be a port, 0 for a free one or -1 for none, not " + port);
    }
    return port != NONE;
  }

  private void serve(HealthSource health, PrometheusMeterRegistry meters) {
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

  public int port() {
    return server.getAddress().getPort();
  }

  private void serve(String path, Supplier<@Nullable HealthAnswer> asked) {
    server.createContext(
        path,
        exchange -> {
          // A context also gets what lies below it.
          boolean here = exchange.getRequestURI().getPath().equals(path);
          HealthAnswer answer = here ? asked.get() : null;
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
