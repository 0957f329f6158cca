package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Contracts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// What the ports beside the gateway's say, against the document that describes them.
@Timeout(300)
class OperationsContractTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private final JsonNode document = ContractSchemas.document(Contracts.operations());
  private final Set<String> called = new TreeSet<>();

  /// @param path as the document has it
  private int get(String origin, String path, String actual) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(origin + actual))
                .timeout(Duration.ofSeconds(40))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    ContractSchemas.assertDocumented(document, "GET", path, answer);
    called.add(path);
    return answer.statusCode();
  }

  @Test
  void everyAnswerOfEveryPortIsAsTheDocumentSays() throws Exception {
    for (String service : ManagementPorts.NAMES.values()) {
      String origin = SharedPenstock.management(service).replace("/actuator", "");
      for (String path :
          Set.of(
              "/actuator/health",
              "/actuator/health/liveness",
              "/actuator/health/readiness",
              "/actuator/prometheus")) {
        assertThat(get(origin, path, path)).as(service + path).isIn(200, 503);
      }
    }

    String analytics = SharedPenstock.analyticsUrl();
    // 503 while the topic is not there, which the first message makes.
    assertThat(get(analytics, "/health", "/health")).isIn(200, 503);
    assertThat(get(analytics, "/report", "/report?minutes=5&conversations=3")).isEqualTo(200);
    assertThat(get(analytics, "/report", "/report?minutes=x")).isEqualTo(400);
    assertThat(get(analytics, "/metrics", "/metrics")).isEqualTo(200);

    String shapes = SharedPenstock.shapesUrl();
    assertThat(get(shapes, "/v1/health", "/v1/health")).isEqualTo(200);
    String transactions = "/v1/transactions/{lsn}";
    assertThat(get(shapes, transactions, "/v1/transactions/1")).isEqualTo(200);
    assertThat(get(shapes, transactions, "/v1/transactions/x")).isEqualTo(404);

    assertThat(called).containsExactlyInAnyOrderElementsOf(document.get("paths").propertyNames());
  }
}
