package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.Partitions;
import dev.penstock.contracts.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An ordinary `read_committed` consumer of the keyed topics that goes on while everything around
/// it is killed.
final class LiveTopics implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String QUESTIONS = "penstock.questions";

  private final TestBridge bridge;
  private final Map<String, List<String>> seen = new TreeMap<>();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Thread thread;
  private long count;
  private @Nullable Throwable failure;

  LiveTopics(TestBridge bridge) {
    this.bridge = bridge;
    thread = Thread.ofPlatform().daemon().name("live-topics").start(this::follow);
  }

  private void follow() {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", bridge.kafka,
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest",
            "metadata.max.age.ms", "1000",
            "enable.auto.commit", "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int i = 0; i < Topics.KEYED_PARTITIONS; i++) {
        partitions.add(new TopicPartition(bridge.topics.table("public", "fact"), i));
        partitions.add(new TopicPartition(bridge.topics.questions(), i));
      }
      consumer.assign(partitions);
      while (!stop.get()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          take(record);
        }
      }
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        failure = e;
      }
    }
  }

  private synchronized void take(ConsumerRecord<byte[], byte[]> record) {
    boolean question = record.topic().equals(bridge.topics.questions());
    String what =
        question
            ? "M " + new String(record.key(), UTF_8)
            : JSON.readTree(record.value()).get("op").asString()
                + " "
                + JSON.readTree(record.key()).get("id").asString();
    String seq = question ? "" : " " + Headers.text(record.headers(), Headers.SEQ);
    add(
        seen,
        question,
        record.partition(),
        Headers.text(record.headers(), Headers.TXID)
            + " "
            + Headers.text(record.headers(), Headers.COMMIT_LSN)
            + seq
            + " "
            + what);
    count++;
  }

  /// What must be in each partition, in its order.
  static Map<String, List<String>> expected(List<Oracle.Committed> committed) {
    Map<String, List<String>> all = new TreeMap<>();
    for (Oracle.Committed transaction : committed) {
      String head = transaction.txid() + " " + Long.toUnsignedString(transaction.endLsn());
      int seq = 0;
      for (String change : transaction.changes()) {
        if (change.startsWith("M " + QUESTIONS + " ")) {
          JsonNode content = JSON.readTree(change.substring(QUESTIONS.length() + 3));
          String key = content.get("conversationId").asString();
          add(all, true, partition(key), head + " M " + key);
        } else if (!change.startsWith("M ")) {
          String[] columns = change.substring(2).split(",", -1);
          String op = Map.of('I', "c", 'U', "u", 'D', "d").get(change.charAt(0));
          add(all, false, partition(columns[1]), head + " " + seq + " " + op + " " + columns[0]);
          seq++;
        }
      }
    }
    return all;
  }

  private static int partition(String text) {
    return Partitions.of(text, Topics.KEYED_PARTITIONS);
  }

  private static void add(
      Map<String, List<String>> all, boolean question, int partition, String line) {
    Objects.requireNonNull(
            all.computeIfAbsent(
                (question ? "questions " : "fact ") + partition, _ -> new ArrayList<>()))
        .add(line);
  }

  synchronized long count() {
    if (failure != null) {
      throw new AssertionError("the live consumer failed", failure);
    }
    return count;
  }

  synchronized Map<String, List<String>> seen() {
    Map<String, List<String>> copy = new TreeMap<>();
    seen.forEach((partition, lines) -> copy.put(partition, List.copyOf(lines)));
    return copy;
  }

  @Override
  public void close() {
    stop.set(true);
    try {
      var _ = thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
