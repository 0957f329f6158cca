package dev.penstock.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.contracts.Migrations;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The service on a migrated database, with what a test asks of both.
record CommandServer(ConfigurableApplicationContext context, String jdbcUrl, String slot)
    implements AutoCloseable {
  static final String SECRET = "a secret of the tests, longer than 32 bytes";
  static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final class Shared {
    // A burst of 200 on a cold and busy machine may wait longer than the default.
    static final CommandServer SERVER =
        start(
            TestStack.newDatabase(),
            Map.of(
                "penstock.command.connection-wait", "15s",
                // No Kafka: only where a txid is would ask it.
                "penstock.command.kafka-bootstrap-servers", "127.0.0.1:1",
                "penstock.command.txid-timeout", "1s"));
  }

  /// One for all tests that only add rows of their own.
  static CommandServer shared() {
    return Shared.SERVER;
  }

  static CommandServer start(String jdbcUrl, Map<String, Object> settings) {
    String slot = "t_" + UUID.randomUUID().toString().replace('-', '_');
    new Migrations(jdbcUrl, "postgres", "", Migrations.DEFAULT_NAME, slot).migrate();
    Map<String, Object> all = new HashMap<>();
    all.put("penstock.command.port", 0);
    all.put("penstock.command.database-url", PostgresServer.withoutUser(jdbcUrl));
    all.put("penstock.command.auth-secret", SECRET);
    all.putAll(settings);
    return new CommandServer(CommandApplication.start(all), jdbcUrl, slot);
  }

  JdbcClient database() {
    return JdbcClient.create(new DriverManagerDataSource(jdbcUrl));
  }

  /// What one request was answered.
  record Answer(HttpResponse<String> response) {
    int status() {
      return response.statusCode();
    }

    JsonNode json() {
      return JSON.readTree(response.body());
    }

    long txid() {
      JsonNode txid = json().get("txid");
      if (status() / 100 != 2 || txid == null || !txid.isIntegralNumber()) {
        throw new AssertionError(status() + " " + response.body());
      }
      return txid.asLong();
    }
  }

  Answer post(String path, String token, String body, String... headers) {
    HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
    request.setHeader("Content-Type", "application/json");
    if (!token.isEmpty()) {
      request.setHeader("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpRequest.Builder request(String path) {
    String port = context.getEnvironment().getProperty("local.server.port");
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(20));
  }

  static Answer send(HttpRequest request) {
    try {
      return new Answer(HTTP.send(request, BodyHandlers.ofString(UTF_8)));
    } catch (IOException e) {
      throw new AssertionError(request.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  UUID conversation(String owner) {
    UUID id = UUID.randomUUID();
    post("/conversations", token(owner), json(Map.of("id", id.toString(), "title", "t"))).txid();
    return id;
  }

  Answer ask(String owner, UUID conversation, UUID question, UUID answer, String content) {
    return post("/questions/send", token(owner), question(conversation, question, answer, content));
  }

  static String question(UUID conversation, UUID question, UUID answer, String content) {
    return json(
        Map.of(
            "conversationId", conversation.toString(),
            "questionId", question.toString(),
            "answerId", answer.toString(),
            "content", content));
  }

  static String json(Object value) {
    return JSON.writeValueAsString(value);
  }

  static String token(String owner) {
    return token(
        JWSAlgorithm.HS256,
        SECRET,
        new JWTClaimsSet.Builder()
            .subject(owner)
            .expirationTime(Date.from(Instant.now().plusSeconds(600)))
            .build());
  }

  static String token(JWSAlgorithm algorithm, String secret, JWTClaimsSet claims) {
    try {
      SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims);
      token.sign(new MACSigner(secret.getBytes(UTF_8)));
      return token.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    context.close();
    database().sql("select pg_drop_replication_slot(?)").param(slot).query().listOfRows();
  }
}
