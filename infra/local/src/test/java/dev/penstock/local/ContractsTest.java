package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Contracts;
import dev.penstock.contracts.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// What Penstock says and writes, against the documents that describe it.
@Timeout(300)
class ContractsTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private final JsonNode openApi = ContractSchemas.document(Contracts.openApi());
  private final Set<String> called = new TreeSet<>();

  /// @param path as the document has it
  /// @param id what stands for the path's parameter
  private HttpResponse<String> call(
      String method, String path, Object id, String query, String token, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    SharedPenstock.url() + path.replaceAll("\\{\\w+}", id.toString()) + query))
            .timeout(Duration.ofSeconds(40))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("content-type", "application/json");
    }
    if (!token.isEmpty()) {
      request.header("authorization", "Bearer " + token);
    }
    HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    ContractSchemas.assertDocumented(openApi, method, path, answer);
    called.add(method + " " + path);
    return answer;
  }

  private void expect(
      int status, String method, String path, Object id, String query, String token, String body)
      throws Exception {
    HttpResponse<String> answer = call(method, path, id, query, token, body);
    assertThat(answer.statusCode()).as("%s %s: %s", method, path, answer.body()).isEqualTo(status);
  }

  private String login(String user) throws Exception {
    HttpResponse<String> answer =
        call("POST", "/dev/login", new UUID(0, 0), "", "", "{\"user\":\"%s\"}".formatted(user));
    return Api.JSON.readTree(answer.body()).get("token").asString();
  }

  @Test
  void everyAnswerOfEveryEndpointIsAsTheDocumentSays() throws Exception {
    UUID id = UUID.randomUUID();
    UUID question = UUID.randomUUID();
    UUID answer = UUID.randomUUID();
    String alice = login("contracts-" + id);
    String operator = login(SharedPenstock.OPERATOR);
    expect(400, "POST", "/dev/login", id, "", "", "{\"user\":\"\"}");
    expect(200, "GET", "/health", id, "", "", "");

    String conversation = "{\"id\":\"%s\",\"title\":\"t\"}".formatted(id);
    expect(201, "POST", "/conversations", id, "", alice, conversation);
    expect(401, "POST", "/conversations", id, "", "", conversation);
    expect(400, "POST", "/conversations", id, "", alice, "{\"id\":\"x\"}");
    String ask =
        "{\"conversationId\":\"%s\",\"questionId\":\"%s\",\"answerId\":\"%s\",\"content\":\"why?\"}"
            .formatted(id, question, answer);
    HttpResponse<String> asked = call("POST", "/questions/send", id, "", alice, ask);
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(200);
    expect(409, "POST", "/questions/send", id, "", operator, ask);
    String another = ask.replace(question.toString(), UUID.randomUUID().toString());
    expect(404, "POST", "/questions/send", id, "", operator, another);
    expect(400, "POST", "/questions/send", id, "", alice, "{}");
    expect(200, "POST", "/answers/{id}/stop", answer, "", alice, "");
    expect(404, "POST", "/answers/{id}/stop", UUID.randomUUID(), "", alice, "");

    String shape = "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}".formatted(id);
    expect(403, "POST", "/shapes/auth-token", id, "", operator, shape);
    expect(400, "POST", "/shapes/auth-token", id, "", alice, "{\"table\":7}");
    HttpResponse<String> token = call("POST", "/shapes/auth-token", id, "", alice, shape);
    String shapeToken = Api.JSON.readTree(token.body()).get("token").asString();
    expect(200, "GET", "/shape", id, "?offset=-1", shapeToken, "");
    expect(401, "GET", "/shape", id, "?offset=-1", "", "");
    expect(403, "GET", "/shape", id, "?offset=-1&table=commands", shapeToken, "");
    call("GET", "/shape", id, "?offset=0_0&handle=1-1", shapeToken, "");
    expect(200, "HEAD", "/shape", id, "?offset=-1", shapeToken, "");
    expect(204, "OPTIONS", "/shape", id, "", "", "");
    call("POST", "/shape", id, "?offset=-1&log=changes_only", shapeToken, "{\"limit\":1}");

    String txid = Api.JSON.readTree(asked.body()).get("txid").asString();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> call("GET", "/txids/{txid}", txid, "", alice, ""),
            trail -> trail.body().contains("\"arrived\""));
    expect(200, "GET", "/txids/{txid}", txid, "", operator, "");
    expect(404, "GET", "/txids/{txid}", "4000000000", "", alice, "");
    expect(400, "GET", "/txids/{txid}", "x", "", alice, "");
    expect(401, "GET", "/txids/{txid}", txid, "", "", "");

    expect(403, "GET", "/dead-letters", id, "", alice, "");
    deadLetter();
    HttpResponse<String> letters =
        await()
            .atMost(Duration.ofSeconds(60))
            .until(
                () -> call("GET", "/dead-letters", id, "", operator, ""),
                listed -> listed.body().contains("\"id\""));
    UUID letter =
        UUID.fromString(Api.JSON.readTree(letters.body()).at("/deadLetters/0/id").asString());
    expect(404, "POST", "/dead-letters/{id}/retry", letter, "", operator, "");
    expect(200, "POST", "/dead-letters/retry", letter, "", operator, "");
    expect(204, "DELETE", "/dead-letters/{id}", letter, "", operator, "");
    expect(403, "DELETE", "/dead-letters/{id}", letter, "", alice, "");

    expect(
        204, "POST", "/revocations", id, "", operator, "{\"conversationId\":\"%s\"}".formatted(id));
    expect(403, "POST", "/revocations", id, "", alice, "{\"user\":\"bob\"}");
    expect(400, "POST", "/revocations", id, "", alice, "{}");
    HttpResponse<String> wrong =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(SharedPenstock.url() + "/conversations"))
                .header("authorization", "Bearer " + alice)
                .DELETE()
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(wrong.statusCode()).isEqualTo(405);
    ContractSchemas.assertDocumented(openApi, "POST", "/conversations", wrong);

    Set<String> documented = new TreeSet<>();
    for (var path : openApi.get("paths").properties()) {
      if (!path.getValue().has("x-to-be-checked")) {
        for (String method : path.getValue().propertyNames()) {
          if (!method.equals("parameters")) {
            documented.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
          }
        }
      }
    }
    assertThat(called).isEqualTo(documented);

    // And what all of that wrote to Kafka.
    Topics topics = SharedPenstock.topics();
    for (ConsumerRecord<String, byte[]> kafka : read(topics.questions())) {
      ContractSchemas.assertValid(json(kafka), "question-asked");
      assertThat(kafka.key()).isEqualTo(json(kafka).get("conversationId").asString());
      assertHeaders("MessageHeaders", kafka);
    }
    for (String table : List.of("messages", "conversations")) {
      for (ConsumerRecord<String, byte[]> kafka : read(topics.table("public", table))) {
        JsonNode change = json(kafka);
        ContractSchemas.assertValid(change, "change");
        assertHeaders("RowHeaders", kafka);
        if (table.equals("messages") && change.get("after").isObject()) {
          ContractSchemas.assertValid(change.get("after"), "message-row");
        }
      }
    }
    for (ConsumerRecord<String, byte[]> kafka : read(topics.questionsDeadLetters())) {
      ContractSchemas.assertValid(json(kafka), "dead-letter");
      assertHeaders("MessageHeaders", kafka);
    }
    for (ConsumerRecord<String, byte[]> kafka : read(topics.revocations())) {
      if (kafka.value() != null) {
        ContractSchemas.assertValid(json(kafka), "revocation");
        assertThat(kafka.key()).matches("(user|conversation|jti):.+");
      }
    }
  }

  private static void assertHeaders(String schema, ConsumerRecord<String, byte[]> kafka) {
    JsonNode asyncApi = ContractSchemas.document(Contracts.asyncApi());
    var headers = Api.JSON.createObjectNode();
    kafka.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
    ContractSchemas.assertHeaders(headers, asyncApi, schema);
  }

  /// A record that is no question becomes a dead letter.
  private static void deadLetter() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", SharedPenstock.bootstrapServers(), "linger.ms", 0),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  SharedPenstock.topics().questions(), "no question".getBytes(UTF_8)))
          .get();
    }
  }

  private static JsonNode json(ConsumerRecord<String, byte[]> kafka) {
    return Api.JSON.readTree(kafka.value());
  }

  /// What services wrote; at least one.
  private static List<ConsumerRecord<String, byte[]>> read(String topic) throws IOException {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                SharedPenstock.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> {
            for (ConsumerRecord<String, byte[]> kafka : consumer.poll(Duration.ofMillis(200))) {
              // This test's own record is none of Penstock's.
              if (kafka.value() == null
                  || !new String(kafka.value(), UTF_8).equals("no question")) {
                records.add(kafka);
              }
            }
            return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
          });
    }
    assertThat(records).as(topic).isNotEmpty();
    return records;
  }
}
