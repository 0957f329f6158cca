package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Contracts;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/// The document of every endpoint against the routes that the gateway has.
class OpenApiTest {
  /// Documented, and not a route of the gateway's module: the launcher's, and a filter's.
  private static final Set<String> ELSEWHERE = Set.of("/dev/login", "/health");

  private static final AtomicReference<Set<String>> ROUTES = new AtomicReference<>(Set.of());

  @Configuration(proxyBeanMethods = false)
  static class Routes {
    @Bean
    InitializingBean routesOfTheTest(SimpleUrlHandlerMapping calls) {
      return () -> ROUTES.set(new TreeSet<>(calls.getUrlMap().keySet()));
    }
  }

  private static JsonNode document() throws Exception {
    try (InputStream in = Contracts.openApi().openStream()) {
      Map<String, Object> yaml = new Yaml().load(in);
      return TestGateway.JSON.valueToTree(yaml);
    }
  }

  @Test
  void everyRouteIsInTheDocumentAndTheOtherWayRound() throws Exception {
    JsonNode paths = document().get("paths");
    Set<String> documented = new TreeSet<>();
    for (var path : paths.properties()) {
      // What is marked so is described before it is there.
      if (!ELSEWHERE.contains(path.getKey()) && !path.getValue().has("x-to-be-checked")) {
        documented.add(path.getKey());
      }
    }
    Set<String> routes;
    try (TestGateway gateway = new TestGateway(Map.of(), Routes.class)) {
      assertThat(gateway.port()).isPositive();
      routes = new TreeSet<>(ROUTES.get());
    }
    assertThat(routes).hasSizeGreaterThan(5).contains("/**");
    routes.remove("/**");
    for (var path : paths.properties()) {
      if (path.getValue().has("x-to-be-checked")) {
        routes.remove(path.getKey());
      }
    }
    assertThat(documented).isEqualTo(routes);
  }

  @Test
  void everyCommandIsInTheDocumentWithItsMethodsAndNoOthers() throws Exception {
    JsonNode paths = document().get("paths");
    for (CommandRoute route : CommandRoute.ALL) {
      assertThat(
              paths.path(route.pattern()).propertyNames().stream()
                  .filter(name -> !name.equals("parameters"))
                  .map(name -> name.toUpperCase(Locale.ROOT)))
          .as(route.pattern())
          .containsExactlyInAnyOrderElementsOf(
              CommandRoute.ALL.stream()
                  .filter(other -> other.pattern().equals(route.pattern()))
                  .map(other -> other.method().name())
                  .toList());
    }
  }
}
