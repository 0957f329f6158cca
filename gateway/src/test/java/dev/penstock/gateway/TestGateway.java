package dev.penstock.gateway;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.contracts.Migrations;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A gateway with a real Postgres behind it, a fake shape server and a fake command-service; one
/// per test class.
final class TestGateway implements AutoCloseable {
  static final String AUTH_SECRET = "an-auth-secret-of-more-than-32-bytes";
  static final String SHAPE_KEY = "k1:a-shape-secret-of-more-than-32-bytes!";
  static final String UPSTREAM_SECRET = "upstream+secret&of/electric";
  static final String ORIGIN = "https://app.example.org";
  static final JsonMapper JSON = JsonMapper.shared();

  final FakeUpstream shapes = new FakeUpstream();
  final FakeUpstream commands = new FakeUpstream();
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final String database;
  private final ConfigurableApplicationContext context;

  TestGateway(Map<String, Object> extra, Class<?>... extraConfigurations) {
    this(migratedDatabase(), extra, extraConfigurations);
  }

  /// One of several before the same database.
  TestGateway(String database, Map<String, Object> extra, Class<?>... extraConfigurations) {
    this.database = database;
    Map<String, Object> properties = properties(database, shapes.url(), commands.url());
    properties.putAll(extra);
    this.context = GatewayApplication.start(properties, extraConfigurations);
  }

  TestGateway() {
    this(Map.of());
  }

  static String migratedDatabase() {
    String url = TestStack.newDatabase();
    String slot = "gateway_" + UUID.randomUUID().toString().replace("-", "");
    new Migrations(url, "postgres", "", "penstock", slot).migrate();
    return url;
  }

  static Map<String, Object> properties(String database, String shapes, String commands) {
    return new HashMap<>(
        Map.of(
            "penstock.gateway.port", 0,
            "penstock.gateway.database-url", PostgresServer.withoutUser(database),
            "penstock.gateway.kafka-bootstrap-servers", "",
            "penstock.gateway.shapes-url", shapes,
            "penstock.gateway.shapes-secret", UPSTREAM_SECRET,
            "penstock.gateway.command-url", commands,
            "penstock.gateway.shape-token-keys", SHAPE_KEY,
            "penstock.gateway.auth-secret", AUTH_SECRET,
            "penstock.gateway.cors-origins", ORIGIN));
  }

  int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /// The value of a counter, a gauge or the count of a summary.
  double meter(String name, String... tags) {
    Meter meter = context.getBean(MeterRegistry.class).find(name).tags(tags).meter();
    return meter == null ? 0 : meter.measure().iterator().next().getValue();
  }

  URI uri(String pathAndQuery) {
    return URI.create("http://127.0.0.1:" + port() + pathAndQuery);
  }

  HttpRequest.Builder request(String pathAndQuery) {
    return HttpRequest.newBuilder(uri(pathAndQuery)).timeout(Duration.ofSeconds(20));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  HttpResponse<String> post(String path, String authToken, String json) {
    return send(
        request(path)
            .header("Authorization", "Bearer " + authToken)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  HttpResponse<String> shape(String query, String shapeToken) {
    return send(request("/shape" + query).header("Authorization", "Bearer " + shapeToken));
  }

  /// A conversation of this owner, and the Shape Token of its messages.
  String messagesToken(String owner) {
    return shapeToken(owner, "messages", conversation(owner));
  }

  String shapeToken(String caller, String table, UUID conversation) {
    HttpResponse<String> answer =
        post(
            "/shapes/auth-token",
            authToken(caller),
            table.equals("messages")
                ? "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}"
                    .formatted(conversation)
                : "{\"table\":\"%s\",\"params\":{}}".formatted(table));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + answer.body());
    }
    return json(answer).get("token").asString();
  }

  UUID conversation(String owner) {
    UUID id = UUID.randomUUID();
    try (Connection connection = DriverManager.getConnection(database);
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into conversations (id, owner, title) values (?, ?, 'talk')")) {
      insert.setObject(1, id);
      insert.setString(2, owner);
      insert.executeUpdate();
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
    return id;
  }

  static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  static String authToken(String subject) {
    return sign(
        new JWTClaimsSet.Builder()
            .subject(subject)
            .expirationTime(Date.from(Instant.now().plusSeconds(600)))
            .build(),
        JWSAlgorithm.HS256,
        AUTH_SECRET);
  }

  static String sign(JWTClaimsSet claims, JWSAlgorithm algorithm, String secret) {
    try {
      SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims);
      token.sign(new MACSigner(secret.getBytes(StandardCharsets.UTF_8)));
      return token.serialize();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Override
  public void close() {
    context.close();
    shapes.close();
    commands.close();
  }
}
