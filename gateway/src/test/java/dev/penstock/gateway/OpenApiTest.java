package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Contracts;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/// The document of every endpoint against the routes that the gateway has.
class OpenApiTest {
  /// Documented, and not a route of the gateway's module: the launcher's, and those before all
  /// routes.
  private static final Set<String> ELSEWHERE = Set.of("/dev/login", "/health", "/shape");

  private static final AtomicReference<Set<String>> ROUTES = new AtomicReference<>(Set.of());

  @Configuration(proxyBeanMethods = false)
  static class Routes {
    @Bean
    InitializingBean routesOfTheTest(SimpleUrlHandlerMapping calls) {
      return () -> ROUTES.set(new TreeSet<>(calls.getUrlMap().keySet()));
    }
  }

  private static final String ID = "9d7b4a1c-0000-4000-8000-000000000001";
  private static final TestGateway GATEWAY = new TestGateway(Map.of(), Routes.class);

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  private static JsonNode document() throws Exception {
    try (InputStream in = Contracts.openApi().openStream()) {
      Map<String, Object> yaml = new Yaml().load(in);
      return TestGateway.JSON.valueToTree(yaml);
    }
  }

  /// The methods by path, of what is there and behind the gateway's routes.
  private static Map<String, Set<String>> documented() throws Exception {
    Map<String, Set<String>> methods = new TreeMap<>();
    for (var path : document().get("paths").properties()) {
      if (!ELSEWHERE.contains(path.getKey())) {
        methods.put(path.getKey(), methods(path.getValue()));
      }
    }
    return methods;
  }

  private static Set<String> methods(JsonNode path) {
    return path.propertyNames().stream()
        .filter(name -> !name.equals("parameters"))
        .map(name -> name.toUpperCase(Locale.ROOT))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static int status(String method, String path) {
    return answer(method, path).statusCode();
  }

  private static HttpResponse<String> answer(String method, String path) {
    return GATEWAY.send(
        GATEWAY
            .request(path.replace("{id}", ID).replace("{txid}", "1234"))
            .header("Authorization", "Bearer " + TestGateway.authToken("alice"))
            .method(method, HttpRequest.BodyPublishers.noBody()));
  }

  @Test
  void everyRouteIsInTheDocumentAndTheOtherWayRound() throws Exception {
    Set<String> routes = new TreeSet<>(ROUTES.get());
    assertThat(routes).hasSizeGreaterThan(5).contains("/**");
    routes.remove("/**");
    assertThat(documented().keySet()).isEqualTo(routes);
  }

  @Test
  void everyMethodOfTheDocumentGoesThroughAndNoOther() throws Exception {
    GATEWAY.commands.answerWith((_, response) -> FakeUpstream.json(response.status(200), "{}"));
    for (var call : documented().entrySet()) {
      GATEWAY.commands.received().clear();
      for (String method : List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")) {
        HttpResponse<String> answer = answer(method, call.getKey());
        if (call.getValue().contains(method)) {
          assertThat(answer.statusCode()).as(method + call.getKey()).isIn(200, 400);
          continue;
        }
        assertThat(answer.statusCode()).as(method + call.getKey()).isEqualTo(405);
        assertThat(answer.headers().firstValue("content-type"))
            .contains("application/problem+json");
        assertThat(answer.headers().firstValue("allow"))
            .as(method + call.getKey())
            .hasValueSatisfying(
                allow -> assertThat(Set.of(allow.split(",\\s*"))).isEqualTo(call.getValue()));
      }
      assertThat(GATEWAY.commands.received())
          .allSatisfy(received -> assertThat(call.getValue()).contains(received.method()));
    }
    assertThat(status("DELETE", "/dead-letters/retry")).isEqualTo(405);
  }

  @Test
  void theShapesMethodsAreThoseOfTheDocument() throws Exception {
    Set<String> documented = methods(document().at("/paths/~1shape"));
    assertThat(answer("OPTIONS", "/shape").headers().firstValue("allow"))
        .hasValueSatisfying(
            allow -> assertThat(Set.of(allow.split(",\\s*"))).isEqualTo(documented));
    assertThat(status("PUT", "/shape")).isEqualTo(405);
  }

  @Test
  void whereThereIsNoCallOrNoLoginNoMethodIsNamed() {
    assertThat(status("PUT", "/commands")).isEqualTo(403);
    HttpResponse<String> stranger =
        GATEWAY.send(
            GATEWAY.request("/revocations").method("PUT", HttpRequest.BodyPublishers.noBody()));
    assertThat(stranger.statusCode()).isEqualTo(401);
    assertThat(stranger.headers().firstValue("allow")).isEmpty();
  }
}
