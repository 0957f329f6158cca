package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.JsonNode;

/// What a gateway needs to start, and what it serves once it has: page, extra routes, 503 without
/// its upstreams.
class GatewayStartTest {
  /// As the local launcher adds its login.
  @Configuration(proxyBeanMethods = false)
  static class Login {
    @Bean
    RouterFunction<ServerResponse> login() {
      return RouterFunctions.route()
          .POST(
              "/dev/login",
              request ->
                  request
                      .bodyToMono(JsonNode.class)
                      .flatMap(body ->
                          ServerResponse.ok()
                              .contentType(MediaType.APPLICATION_JSON)
                              .bodyValue(
                                  Map.of(
                                      "token",
                                      TestGateway.authToken(body.get("user").asString())))))
          .build();
    }

    @Bean
    @Order(0)
    SecurityWebFilterChain loginSecurity(ServerHttpSecurity http) {
      return http.securityMatcher(ServerWebExchangeMatchers.pathMatchers("/dev/login"))
          .csrf(ServerHttpSecurity.CsrfSpec::disable)
          .authorizeExchange(exchanges -> exchanges.anyExchange().permitAll())
          .build();
    }
  }

  @Test
  void extraConfigurationBringsItsRouteAndThePageIsServedStrictly() {
    try (TestGateway gateway = new TestGateway(Map.of(), Login.class)) {
      HttpResponse<String> login =
          gateway.send(
              gateway
                  .request("/dev/login")
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"alice\"}")));
      assertThat(login.statusCode()).isEqualTo(200);
      String token = TestGateway.json(login).get("token").asString();
      assertThat(
              gateway
                  .post("/shapes/auth-token", token, "{\"table\":\"conversations\"}")
                  .statusCode())
          .isEqualTo(200);
      pageIsServedStrictly(gateway);
    }
  }

  private static void pageIsServedStrictly(TestGateway gateway) {
    HttpResponse<String> index = gateway.send(gateway.request("/"));
    assertThat(index.statusCode()).isEqualTo(200);
    assertThat(index.headers().firstValue("content-type").orElseThrow()).startsWith("text/html");
    assertThat(index.headers().firstValue("cache-control")).contains("no-cache");
    assertThat(index.headers().firstValue("content-security-policy"))
        .contains(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src"
                + " 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'");
    assertThat(index.headers().firstValue("x-content-type-options")).contains("nosniff");
    assertThat(index.headers().firstValue("referrer-policy")).contains("no-referrer");

    HttpResponse<String> asset =
        gateway.send(gateway.request("/assets/test-AbCd1234.js").header("Accept-Encoding", "gzip"));
    assertThat(asset.headers().firstValue("cache-control"))
        .contains("public, max-age=31536000, immutable");
    assertThat(asset.headers().firstValue("content-encoding")).contains("gzip");
    assertThat(asset.headers().firstValue("content-type").orElseThrow()).contains("javascript");
    assertThat(asset.headers().firstValueAsLong("content-length").orElseThrow()).isLessThan(500);

    HttpResponse<String> again =
        gateway.send(
            gateway
                .request("/index.html")
                .header("If-None-Match", index.headers().firstValue("etag").orElseThrow()));
    assertThat(again.statusCode()).isEqualTo(304);

    for (String path :
        new String[] {
          "/penstock-gateway.yml", "/assets/", "/assets/../penstock-gateway.yml",
          "/assets/%2e%2e/penstock-gateway.yml", "/dev/penstock/gateway/Page.class", "/nothing.js"
        }) {
      assertThat(gateway.send(gateway.request(path)).statusCode()).as(path).isIn(400, 401);
    }
  }

  @Test
  void upstreamsThatAreDownAreAskedToBeRetried() {
    String nowhere;
    try (FakeUpstream gone = new FakeUpstream()) {
      nowhere = gone.url();
    }
    try (TestGateway gateway =
        new TestGateway(
            Map.of(
                "penstock.gateway.shapes-url", nowhere,
                "penstock.gateway.command-url", nowhere))) {
      HttpResponse<String> shape = gateway.shape("?offset=-1", gateway.messagesToken("alice"));
      assertThat(shape.statusCode()).isEqualTo(503);
      assertThat(shape.headers().firstValue("retry-after")).isPresent();
      assertThat(TestGateway.json(shape).get("code").asString()).isEqualTo("upstream_unavailable");

      HttpResponse<String> command =
          gateway.post("/conversations", TestGateway.authToken("alice"), "{}");
      assertThat(command.statusCode()).isEqualTo(503);
      assertThat(command.headers().firstValue("retry-after")).isPresent();
      assertThat(command.headers().firstValue("content-type")).contains("application/problem+json");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auth-secret | '' | auth-secret",
        "auth-secret | short | auth-secret has 5 bytes",
        "auth-algorithm | none | auth-algorithm",
        "auth-algorithm | RS256 | auth-algorithm",
        "auth-public-key | AAAA | Only one of",
        "auth-secret | a-shape-secret-of-more-than-32-bytes! | must not be one of",
        "shape-token-keys | '' | shape-token-keys",
        "shape-token-keys | k1:short | shape-token-keys",
        "shapes-url | localhost:13000 | shapes-url",
        "shapes-timeout | 20s | shapes-timeout",
        "shape-token-lifetime | 2d | shape-token-lifetime",
        "cors-origins | * | cors-origins",
        "no-such-key | 1 | no-such-key",
        "database-url | jdbc:postgresql://127.0.0.1:1/x?user=postgres | database-url",
      })
  void wrongSettingStopsTheStartAndIsNamed(String key, String value, String message) {
    Map<String, Object> properties = properties("jdbc:postgresql://127.0.0.1:1/x");
    properties.put("penstock.gateway." + key, value);

    assertThatStartFails(() -> GatewayApplication.start(properties).close(), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alter table messages drop column error | messages",
        "alter table conversations rename owner to holder | conversations",
        "drop table messages | messages",
      })
  void policyThatDoesNotFitTheDatabaseStopsTheStart(String change, String table)
      throws SQLException {
    String database = TestGateway.migratedDatabase();
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.execute(change);
    }

    assertThatStartFails(
        () -> GatewayApplication.start(properties(database)).close(),
        "The shape policy of table \"" + table + "\" does not fit");
  }

  private static Map<String, Object> properties(String database) {
    return TestGateway.properties(database, "http://127.0.0.1:1", "http://127.0.0.1:1");
  }

  private static void assertThatStartFails(ThrowingCallable start, String message) {
    assertThatThrownBy(start)
        .satisfies(failure -> {
          StringBuilder messages = new StringBuilder();
          for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            messages.append(cause.getMessage()).append('\n');
          }
          assertThat(messages.toString()).contains(message);
        });
  }
}
