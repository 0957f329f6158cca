package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.DoubleStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// The whole way with the npm clients, without a browser.
@Timeout(240)
class NodeClientsTest {
  private static final int QUESTIONS = 100;

  @Test
  void aHundredQuestionsAreConfirmedByTheirTxidAndAnsweredOnce() throws Exception {
    JsonNode seen = NodeClients.ask(SharedPenstock.url(), "node-" + UUID.randomUUID(), QUESTIONS);

    assertThat(seen.get("asked").size()).isEqualTo(QUESTIONS);
    assertThat(seen.get("rows").asInt()).isEqualTo(2 * QUESTIONS);
    assertThat(seen.get("unanswered").asInt()).isZero();
    assertThat(seen.get("answeredTwice").asInt()).isZero();
    double[] millis =
        seen.get("confirmedMillis")
            .valueStream()
            .mapToDouble(JsonNode::asDouble)
            .sorted()
            .toArray();
    System.out.printf(
        "POST to confirmed, %d questions: p50 %.1f ms, p99 %.1f ms, mean %.1f ms%n",
        QUESTIONS,
        millis[QUESTIONS / 2],
        millis[QUESTIONS * 99 / 100],
        DoubleStream.of(millis).average().orElseThrow());

    assertKafkaHasEveryChangeOnceWithItsTxid(seen);
  }

  private static void assertKafkaHasEveryChangeOnceWithItsTxid(JsonNode seen) {
    Map<String, Long> txids = new HashMap<>();
    Map<String, List<String>> operations = new HashMap<>();
    seen.get("asked")
        .forEach(asked -> {
          txids.put(asked.get("questionId").asString(), asked.get("txid").asLong());
          txids.put(asked.get("answerId").asString(), asked.get("txid").asLong());
        });
    for (ConsumerRecord<String, String> record : changes()) {
      JsonNode value = Api.JSON.readTree(record.value());
      JsonNode row = value.get("after");
      String id = row == null || row.isNull() ? "" : row.get("id").asString();
      if (!txids.containsKey(id)) {
        continue;
      }
      String operation = value.get("op").asString();
      operations
          .computeIfAbsent(id, _ -> new ArrayList<>())
          .add(operation + ":" + row.get("status").asString());
      if (operation.equals("c")) {
        assertThat(Headers.text(record.headers(), Headers.TXID))
            .isEqualTo(txids.get(id).toString());
      }
    }
    seen.get("asked")
        .forEach(asked -> {
          assertThat(operations.get(asked.get("questionId").asString()))
              .containsExactly("c:completed");
          List<String> answer =
              operations.getOrDefault(asked.get("answerId").asString(), List.of());
          assertThat(answer).startsWith("c:pending").endsWith("u:completed");
          // In between it grew, in steps.
          assertThat(answer.subList(1, answer.size() - 1)).allMatch("u:generating"::equals);
        });
  }

  /// What an ordinary `read_committed` consumer of the messages' topic sees.
  private static List<ConsumerRecord<String, String>> changes() {
    Properties config = new Properties();
    config.put("bootstrap.servers", SharedPenstock.bootstrapServers());
    config.put("isolation.level", "read_committed");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      String topic = SharedPenstock.topics().table("public", "messages");
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<String, String>> records = new ArrayList<>();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
      return records;
    }
  }
}
