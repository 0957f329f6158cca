package dev.penstock.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Topics;
import dev.penstock.stack.TestStack;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

class WebsiteTest {
  private final Topics topics = new Topics(TestStack.newTopicPrefix().replaceFirst("\\.$", ""));
  private final String topic = topics.table("public", "messages");

  @TempDir private Path directory;
  private ConfigurableApplicationContext application;
  private Client client;

  @BeforeEach
  void start() {
    application =
        AnalyticsApplication.start(
            Map.of(
                "penstock.analytics.kafka-bootstrap-servers", TestStack.bootstrapServers(),
                "penstock.analytics.topic-prefix", topics.prefix(),
                "penstock.analytics.group", topics.prefix(),
                "penstock.analytics.file", directory.resolve("a.duckdb"),
                "penstock.analytics.quarantine", 1,
                "penstock.analytics.port", 0));
    client = new Client(application.getBean(AnalyticsAddress.class).port());
  }

  @AfterEach
  void stop() {
    application.close();
  }

  private void produce(ProducerRecord<byte[], byte[]> kafka) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", TestStack.bootstrapServers(), "linger.ms", 0),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(kafka).get();
    }
  }

  @Test
  void theConsumerIsDownUntilItHasPartitionsAndStopsWhereTooMuchIsUnreadable() throws Exception {
    assertThat(client.get("/health").statusCode()).isEqualTo(503);
    TestStack.createTopic(topic, 2, Map.of());
    await().atMost(Duration.ofSeconds(60)).until(() -> client.get("/health").statusCode() == 200);
    var put = new Records().put(1, "c", UUID.randomUUID(), ",\"content\":\"a\"", 7);
    produce(new ProducerRecord<>(topic, 1, put.key(), put.value(), put.headers()));
    produce(new ProducerRecord<>(topic, 0, null, new byte[] {1}));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          Report report = client.report("");
          return report.quarantined() == 1 && report.totals().rows() == 1;
        });
    assertThat(client.get("/health").statusCode()).isEqualTo(200);
    assertThat(client.get("/metrics").body())
        .contains("penstock_analytics_records_total 2.0", "penstock_analytics_lag 0.0");
    produce(new ProducerRecord<>(topic, 0, null, new byte[] {2}));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(client.get("/health").body())
                .contains("\"DOWN\"", "\"stopped\"", "offset 1 of partition 0"));
    assertThat(client.report("").totals().rows()).isEqualTo(1);
  }

  @Test
  void thePageBringsNothingFromElsewhere() throws Exception {
    HttpResponse<String> page = client.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'");
    assertThat(page.body()).doesNotContain("http", "style=", "onclick");
    assertThat(client.get("/page.js").body()).contains("fetch(`report?");
    assertThat(client.get("/page.css").headers().firstValue("Content-Type"))
        .contains("text/css; charset=utf-8");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /report?minutes=0, 400, minutes",
    "GET, /report?x=1, 400, x",
    "GET, /nowhere, 404,",
    "GET, /report/, 404,",
    "GET, /..%2fpage.js, 404,",
    "POST, /report, 405,",
  })
  void aRefusalIsAProblem(String method, String path, int status, String field) throws Exception {
    HttpResponse<String> answer = client.send(method, path);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    JsonNode problem = Client.JSON.readTree(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("detail").asString()).isNotBlank();
    assertThat(problem.path("field").asString(null)).isEqualTo(field);
  }
}
