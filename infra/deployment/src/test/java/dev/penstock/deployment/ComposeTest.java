package dev.penstock.deployment;

import static dev.penstock.deployment.Manifests.at;
import static dev.penstock.deployment.Manifests.list;
import static dev.penstock.deployment.Manifests.map;
import static dev.penstock.deployment.Manifests.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ComposeTest {
  private static final Path FILE = Service.Repository.ROOT.resolve("infra/compose.yaml");

  private static final Map<String, String> DEFAULTS =
      Map.of("COMPOSE_PROFILES", "shape-server", "PENSTOCK_SHAPES_URLS", "http://shapes:3000");

  private final Compose compose = new Compose();

  @ParameterizedTest
  @EnumSource(Service.class)
  void everyVariableIsASettingOfItsService(Service service) {
    assertThat(compose.environment(service.title).keySet()).allMatch(service::takes);
  }

  @ParameterizedTest
  @EnumSource(Service.class)
  void everyServiceIsWithoutRightsAndHasAHealthCheckWhereItListens(Service service) {
    Object container = compose.service(service.title);
    assertThat(map(container))
        .containsEntry("read_only", true)
        .containsEntry("cap_drop", List.of("ALL"))
        .containsEntry("security_opt", List.of("no-new-privileges:true"))
        .doesNotContainKeys("user", "privileged");
    Endpoints endpoints = Endpoints.of(service);
    Map<String, String> environment = compose.environment(service.title);
    assertThat(list(container, "healthcheck", "test"))
        .endsWith(
            dev.penstock.contracts.Probe.class.getName(),
            "http://127.0.0.1:"
                + environment.get(endpoints.managementPort())
                + Endpoints.READINESS);
    assertThat(environment).containsEntry(endpoints.managementAddress(), "0.0.0.0");
    if (endpoints.serves()) {
      assertThat(environment)
          .containsEntry(endpoints.address(), "0.0.0.0")
          .containsKey(endpoints.port());
    }
  }

  @Test
  void servicesWaitForTheMigrationsAndForWhatTheyNeed() {
    for (Service service : Service.values()) {
      assertThat(at(compose.service(service.title), "depends_on", "migrations", "condition"))
          .as(service.title)
          .isEqualTo("service_completed_successfully");
    }
    assertThat(at(compose.service("migrations"), "depends_on", "postgres", "condition"))
        .isEqualTo("service_healthy");
    assertThat(compose.environment("migrations").keySet())
        .containsAll(
            Arrays.stream(Service.values())
                .map(service -> "PENSTOCK_" + service.name() + "_DATABASE_PASSWORD")
                .toList());
  }

  @Test
  void theShapeUpstreamIsOneOfTwoThatHaveTheSameAddressAndSecret() {
    assertThat(compose.environment("gateway"))
        .containsEntry("PENSTOCK_GATEWAY_SHAPES_URL", "http://shapes:3000");
    for (String upstream : List.of("shape-server", "electric")) {
      Object container = compose.service(upstream);
      assertThat(list(container, "profiles")).containsExactly(upstream);
      assertThat(list(container, "networks", "services", "aliases")).containsExactly("shapes");
    }
    String secret = compose.environment("gateway").get("PENSTOCK_GATEWAY_SHAPES_SECRET");
    assertThat(compose.environment("shape-server"))
        .containsEntry("PENSTOCK_SHAPES_SECRET", secret)
        .containsEntry("PENSTOCK_SHAPES_PORT", "3000");
    assertThat(compose.environment("electric"))
        .containsEntry("ELECTRIC_SECRET", secret)
        .containsEntry("ELECTRIC_PORT", "3000");
  }

  @Test
  void secretsAreAskedForAndHaveNoDefault() {
    String text = Service.Repository.read(FILE);
    Map<String, String> example =
        Service.Repository.read(FILE.resolveSibling(".env.example"))
            .lines()
            .filter(line -> line.matches("[A-Z_]+=.*"))
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    assertThat(example.keySet()).containsAll(Compose.asked(text, true));
    assertThat(example)
        .allSatisfy(
            (name, value) -> assertThat(value).as(name).isEqualTo(DEFAULTS.getOrDefault(name, "")));
    compose
        .services()
        .forEach((title, container) ->
            map(container, "environment")
                .forEach((name, value) -> {
                  if (name.matches(".*(PASSWORD|SECRET|API_KEY|TOKEN_KEYS)")) {
                    assertThat(value.toString())
                        .as(title + " " + name)
                        .matches("(main:)?\\$\\{[A-Z_]+:(\\?[^}]+|-)}");
                  }
                }));
  }

  @Test
  void everyImageHasAVersion() {
    compose
        .services()
        .forEach((title, container) ->
            assertThat(text(container, "image"))
                .as(title)
                .matches("[a-z/-]+:(v?[0-9][0-9.]*|\\$\\{PENSTOCK_VERSION:-[0-9].*})"));
  }

  @Test
  void prometheusScrapesServicesWhereTheyServeMetrics() {
    Object prometheus =
        Manifests.document(
            Service.Repository.ROOT.resolve("infra/observability/prometheus/prometheus.yml"));
    assertThat(list(prometheus, "rule_files")).containsExactly("alerts.yml");
    assertThat(list(prometheus, "scrape_configs"))
        .extracting(job -> text(job, "job_name"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Service.values()).map(service -> service.title).toList());
    for (Object job : list(prometheus, "scrape_configs")) {
      Service service = Service.titled(text(job, "job_name"));
      String port = compose.environment(service.title).get(Endpoints.of(service).managementPort());
      assertThat(
              text(job, "static_configs", 0, "targets", 0)
                  + text(job, "dns_sd_configs", 0, "names", 0)
                  + text(job, "dns_sd_configs", 0, "port").replaceFirst("^(?=.)", ":"))
          .isEqualTo(service.title + ":" + port);
      assertThat(Sources.management()).contains("\"" + text(job, "metrics_path") + "\"");
      assertThat(
              map(compose.service(service.title), "networks").keySet().toString()
                  + list(compose.service(service.title), "networks"))
          .contains("observed");
    }
  }
}
