package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.stack.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/// With `PENSTOCK_ELECTRIC_URL` set, the gateway proxies to that server and nothing else changes.
///
/// No Electric can be run everywhere: here the server is a recording proxy before the shape-server
/// of another Penstock, which shares its Postgres. Where the variable is set in the environment,
/// all other tests run against that Electric.
@Timeout(240)
@DisabledIfEnvironmentVariable(named = "PENSTOCK_ELECTRIC_URL", matches = ".+")
class ElectricUpstreamTest {
  private static final String SECRET = "an-electric-secret";

  private final Path directory = SharedPenstock.Directories.temporary("penstock-electric");
  private final Queue<String> queries = new ConcurrentLinkedQueue<>();

  @Test
  void theGatewayProxiesToTheElectricItIsGiven() throws Exception {
    int shapesPort = PenstockProcess.freePort();
    try (PostgresServer postgres =
        PostgresServer.start(
            directory.resolve("postgres"), 0, java.util.Map.of("wal_level", "logical"))) {
      postgres.createDatabase("penstock");
      String database = postgres.jdbcUrl("penstock");
      try (PenstockProcess electric =
          PenstockProcess.start(
              directory.resolve("electric"),
              "--database-url=" + database,
              "--shapes-port=" + shapesPort)) {
        electric.url();
        HttpServer proxy = proxy(shapesPort);
        try (var connection = DriverManager.getConnection(database);
            var statement = connection.createStatement()) {
          statement.execute("select pg_create_logical_replication_slot('beside', 'pgoutput')");
        }
        try (PenstockProcess penstock =
            PenstockProcess.start(
                directory.resolve("penstock"),
                "--database-url=" + database,
                "--bridge-slot=beside",
                "--electric-url=http://127.0.0.1:" + proxy.getAddress().getPort(),
                "--electric-secret=" + SECRET)) {
          JsonNode seen = NodeClients.ask(penstock.url(), "electric-" + UUID.randomUUID(), 5);
          assertThat(seen.get("unanswered").asInt()).isZero();
          assertThat(seen.get("answeredTwice").asInt()).isZero();
          assertThat(penstock.output()).doesNotContain("shape-server");
        } finally {
          proxy.stop(0);
        }
      }
    } finally {
      SharedPenstock.Directories.delete(directory);
    }
    assertThat(queries)
        .isNotEmpty()
        .allMatch(query ->
            query.contains("table=messages")
                || query.contains("table=public.messages")
                || query.contains("table=%22"))
        .allMatch(query -> query.contains("secret=" + SECRET))
        .noneMatch(query -> query.contains("token"));
  }

  private HttpServer proxy(int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    HttpClient client = HttpClient.newHttpClient();
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> forward(exchange, client, port));
    server.start();
    return server;
  }

  private void forward(HttpExchange exchange, HttpClient client, int port) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null) {
      queries.add(query);
    }
    try {
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + port + exchange.getRequestURI()))
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      response
          .headers()
          .map()
          .forEach((name, values) -> {
            if (!List.of("transfer-encoding", "content-length", "connection").contains(name)) {
              exchange.getResponseHeaders().put(name, values);
            }
          });
      exchange.sendResponseHeaders(response.statusCode(), 0);
      response.body().transferTo(exchange.getResponseBody());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }
}
