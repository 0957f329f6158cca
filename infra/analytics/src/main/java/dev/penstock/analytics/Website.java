package dev.penstock.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// The page at `/`, its numbers at `/report`, and `/health` and `/metrics` for whoever deploys it.
final class Website implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Website.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BACKLOG = 64;
  private static final int REPORTS_AT_ONCE = 2;
  private static final long WAIT_SECONDS = 5;
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private record Answer(int status, String type, String body) {
    static Answer json(int status, Object value) {
      return new Answer(status, "application/json", JSON.writeValueAsString(value));
    }

    /// RFC 9457.
    static Answer problem(int status, String detail, @Nullable String field) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("type", "about:blank");
      body.put("status", status);
      body.put("detail", detail);
      if (field != null) {
        body.put("field", field);
      }
      return new Answer(status, "application/problem+json", JSON.writeValueAsString(body));
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore places = new Semaphore(REPORTS_AT_ONCE);
  private final Reports reports;
  private final Supplier<FollowerState> state;
  private final PrometheusMeterRegistry meters;
  private final Map<String, Answer> files =
      Map.of(
          "/", file("index.html", "text/html; charset=utf-8"),
          "/page.js", file("page.js", "text/javascript; charset=utf-8"),
          "/page.css", file("page.css", "text/css; charset=utf-8"));

  /// @param port 0 for a free one
  Website(
      String address,
      int port,
      Reports reports,
      Supplier<FollowerState> state,
      PrometheusMeterRegistry meters) {
    this.reports = reports;
    this.state = state;
    this.meters = meters;
    try {
      server = HttpServer.create(new InetSocketAddress(address, port), BACKLOG);
    } catch (IOException e) {
      throw new IllegalStateException(
          "penstock.analytics.port: nothing can listen on %s:%d".formatted(address, port), e);
    }
  }

  void start() {
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean head = exchange.getRequestMethod().equals("HEAD");
      Answer answer =
          head || exchange.getRequestMethod().equals("GET")
              ? answer(exchange)
              : Answer.problem(405, "Only GET and HEAD are answered", null);
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Type", answer.type());
      headers.set("Content-Security-Policy", POLICY);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cache-Control", "no-store");
      if (answer.status() == 405) {
        headers.set("Allow", "GET, HEAD");
      } else if (answer.status() == 503) {
        headers.set("Retry-After", "2");
      }
      byte[] body = answer.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private Answer answer(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    return switch (path) {
      case "/report" -> report(exchange.getRequestURI().getRawQuery());
      case "/health" -> health(state.get());
      case "/metrics" -> new Answer(200, "text/plain; version=0.0.4", meters.scrape());
      default -> {
        Answer file = files.get(path);
        yield file == null ? Answer.problem(404, "There is nothing at this path", null) : file;
      }
    };
  }

  private static Answer health(FollowerState state) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", state.up() ? "UP" : "DOWN");
    body.put("state", state.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT));
    switch (state) {
      case FollowerState.Starting _ -> {}
      case FollowerState.Following(int partitions, long lag) -> {
        body.put("partitions", partitions);
        body.put("lag", lag);
      }
      case FollowerState.Failing(String reason) -> body.put("reason", reason);
      case FollowerState.Stopped(String reason) -> body.put("reason", reason);
    }
    return Answer.json(state.up() ? 200 : 503, body);
  }

  private Answer report(@Nullable String query) {
    boolean placed = false;
    try {
      ReportQuery parsed = ReportQuery.parse(query, Instant.now());
      placed = places.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
      return placed
          ? Answer.json(200, reports.report(parsed))
          : Answer.problem(503, "Too many reports are asked for at once", null);
    } catch (ReportQuery.RefusedException refused) {
      String field = refused.field.length() > 40 ? refused.field.substring(0, 40) : refused.field;
      return Answer.problem(400, field + " " + refused.getMessage(), field);
    } catch (SQLException e) {
      LOG.atWarn().setCause(e).log("a report failed");
      return Answer.problem(503, "The report could not be made", null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.problem(503, "The server stops", null);
    } finally {
      if (placed) {
        places.release();
      }
    }
  }

  private static Answer file(String name, String type) {
    try (InputStream in =
        Objects.requireNonNull(Website.class.getResourceAsStream("page/" + name), name)) {
      return new Answer(200, type, new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
