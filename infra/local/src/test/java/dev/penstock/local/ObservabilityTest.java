package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/// Alerts and dashboard speak of what the services really export.
@DisabledIfEnvironmentVariable(named = "PENSTOCK_ELECTRIC_URL", matches = ".+")
class ObservabilityTest {
  private static final Path DIRECTORY = Path.of("..", "observability");
  private static final Pattern METRIC = Pattern.compile("penstock_[a-z_]+");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /// Its start has a patience of its own.
  @BeforeAll
  static void started() {
    assertThat(SharedPenstock.url()).isNotEmpty();
  }

  @Test
  void everyMetricOfAlertsAndDashboardIsExported() {
    // Given one question, since a timer with labels is there once something was timed
    Api api = Api.login(SharedPenstock.url(), "observer");
    api.ask(api.createConversation("Seen"), UUID.randomUUID(), UUID.randomUUID(), "Who sees?");

    Set<String> wanted = new TreeSet<>();
    for (String expression : expressions()) {
      METRIC.matcher(expression).results().forEach(name -> wanted.add(name.group()));
    }
    assertThat(wanted).hasSizeGreaterThan(40);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(exported()).containsAll(wanted));
  }

  @Test
  void theCanaryComesThroughToEveryStageWhileNobodyWrites() {
    for (String service : List.of("bridge", "shapes", "gateway")) {
      await(service)
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> assertThat(value(service, "penstock_canary_age_seconds")).isBetween(0.0, 10.0));
    }
  }

  @Test
  void everyServiceSaysThatItIsReadyAndAlive() {
    for (String service : ManagementPorts.NAMES.values()) {
      for (String path : List.of("/health", "/health/readiness", "/health/liveness")) {
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() ->
                assertThat(get(SharedPenstock.management(service) + path).body())
                    .as("%s%s", service, path)
                    .startsWith("{\"status\":\"UP\""));
      }
    }
  }

  @Test
  void everyAlertHasASentenceASeverityAndWhatToDo() throws IOException {
    assertThat(rules())
        .hasSizeGreaterThan(10)
        .allSatisfy(rule -> {
          assertThat(rule.path("alert").asString()).startsWith("Penstock");
          assertThat(rule.path("labels").path("severity").asString()).isIn("page", "ticket");
          assertThat(rule.path("annotations").path("summary").asString()).isNotBlank();
          assertThat(rule.path("annotations").path("runbook").asString()).isNotBlank();
        });
  }

  private static List<String> expressions() {
    try {
      List<String> expressions =
          new ArrayList<>(rules().stream().map(rule -> rule.path("expr").asString()).toList());
      JsonNode dashboard =
          Api.JSON.readTree(Files.readString(DIRECTORY.resolve("grafana/penstock.json")));
      dashboard.findValuesAsString("expr").forEach(expressions::add);
      return expressions;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<JsonNode> rules() throws IOException {
    Object file =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(Files.readString(DIRECTORY.resolve("prometheus/alerts.yml")));
    JsonNode groups = Api.JSON.valueToTree(file).path("groups");
    return groups.valueStream().flatMap(group -> group.path("rules").valueStream()).toList();
  }

  private static Set<String> exported() {
    return ManagementPorts.NAMES.values().stream()
        .flatMap(service -> get(SharedPenstock.management(service) + "/prometheus").body().lines())
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// @param service as it is named in settings
  static boolean isReady(String service) {
    return get(SharedPenstock.management(service) + "/health/readiness").statusCode() == 200;
  }

  private static double value(String service, String metric) {
    return get(SharedPenstock.management(service) + "/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith(metric + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static HttpResponse<String> get(String url) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
