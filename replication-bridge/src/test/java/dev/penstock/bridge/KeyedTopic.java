package dev.penstock.bridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads a keyed topic as an ordinary `read_committed` consumer.
final class KeyedTopic {
  private KeyedTopic() {}

  static Map<String, Object> kafka(TestBridge bridge) {
    return Map.of("bootstrap.servers", bridge.kafka);
  }

  static List<ConsumerRecord<byte[], byte[]>> read(TestBridge bridge, String table, int count) {
    return readTopic(bridge, bridge.topics.table("public", table), count);
  }

  /// What stands in it now.
  static List<ConsumerRecord<byte[], byte[]>> read(String kafka, String topic) {
    return read(kafka, topic, 0);
  }

  /// At least `count` records, and what comes within a second behind them.
  static List<ConsumerRecord<byte[], byte[]>> readTopic(
      TestBridge bridge, String topic, int count) {
    return read(bridge.kafka, topic, count);
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(String kafka, String topic, int count) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", kafka,
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, 12).mapToObj(i -> new TopicPartition(topic, i)).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + TestBridge.PATIENCE.toNanos();
      while (records.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
    }
    return records;
  }
}
