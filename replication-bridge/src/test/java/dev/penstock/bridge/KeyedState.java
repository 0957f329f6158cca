package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Headers;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a `read_committed` consumer of a keyed topic holds in the end, and how it came to it.
final class KeyedState {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  final Map<String, String> rows = new TreeMap<>();
  final List<String> ops = new ArrayList<>();

  /// What a generation emitted twice, or removed without need.
  final List<String> wrong = new ArrayList<>();

  static KeyedState of(List<ConsumerRecord<byte[], byte[]>> records) {
    KeyedState state = new KeyedState();
    Set<String> emitted = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (record.value() == null) {
        continue;
      }
      JsonNode value = JSON.readTree(record.value());
      String op = value.get("op").asString();
      String key = new String(record.key(), UTF_8);
      state.ops.add(op + " " + key);
      String generation = Headers.text(record.headers(), Headers.GENERATION);
      boolean snapshot = value.path("source").path("snapshot").asString().equals("true");
      if (snapshot && !emitted.add(generation + key)) {
        state.wrong.add("twice in a generation: " + key);
      }
      JsonNode after = value.get("after");
      if (after.isNull()) {
        if (state.rows.remove(key) == null) {
          state.wrong.add("removed, and was not there: " + key);
        }
      } else {
        String text = text(after);
        if (text.equals(state.rows.put(key, text)) && op.equals("r")) {
          state.wrong.add("emitted, and had not changed: " + key);
        }
      }
    }
    return state;
  }

  /// The topic of `fact`, once it holds what the table holds.
  static KeyedState ofFact(TestBridge bridge, Connection connection) throws Exception {
    Map<String, String> expected = new TreeMap<>();
    Materialized.selected(connection, "fact")
        .forEach((id, row) -> expected.put("{\"id\":" + id + "}", row));
    KeyedState[] last = new KeyedState[1];
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          last[0] = of(all(bridge, bridge.topics.table("public", "fact")));
          assertThat(Materialized.differences(last[0].rows, expected)).isEmpty();
        });
    return last[0];
  }

  /// How many offsets are committed by now; 0 where there is no such topic.
  static long count(TestBridge bridge, String topic) throws Exception {
    try (Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      if (!admin.listTopics().names().get().contains(topic)) {
        return 0;
      }
      Map<TopicPartition, OffsetSpec> latest =
          new TreeMap<>(Comparator.comparingInt(TopicPartition::partition));
      IntStream.range(0, 12)
          .forEach(i -> latest.put(new TopicPartition(topic, i), OffsetSpec.latest()));
      return admin
          .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .all()
          .get()
          .values()
          .stream()
          .mapToLong(end -> end.offset())
          .sum();
    }
  }

  /// What is committed by now.
  static List<ConsumerRecord<byte[], byte[]>> all(TestBridge bridge, String topic) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", bridge.kafka,
            "isolation.level", "read_committed",
            "enable.auto.commit", "false");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, 12).mapToObj(i -> new TopicPartition(topic, i)).toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + TestBridge.PATIENCE.toNanos();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())
          && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  private static String text(JsonNode row) {
    return row.properties().stream()
        .map(field -> value(field.getValue()))
        .collect(Collectors.joining("|"));
  }

  private static String value(@Nullable JsonNode value) {
    return value == null || value.isNull() ? "null" : value.asString();
  }
}
