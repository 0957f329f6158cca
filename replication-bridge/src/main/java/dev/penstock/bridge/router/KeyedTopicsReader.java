package dev.penstock.bridge.router;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads whole topics once, up to what was committed when it began.
final class KeyedTopicsReader {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(250);

  private final Map<String, Object> config;
  private final BooleanSupplier stopped;

  /// @param stopped asked now and then whether to give it up
  KeyedTopicsReader(Map<String, Object> kafka, BooleanSupplier stopped) {
    this.stopped = stopped;
    config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
  }

  /// @param sink says whether the record's topic is to be read on
  void read(Collection<String> topics, Predicate<ConsumerRecord<byte[], byte[]>> sink) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : topics) {
        consumer
            .partitionsFor(topic)
            .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Set<String> refused = new HashSet<>();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        ends.entrySet()
            .removeIf(end ->
                refused.contains(end.getKey().topic())
                    || consumer.position(end.getKey()) >= end.getValue());
        consumer.pause(done(partitions, ends.keySet()));
        if (ends.isEmpty()) {
          return;
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          deadline = System.nanoTime() + PATIENCE.toNanos();
          Long end = ends.get(new TopicPartition(record.topic(), record.partition()));
          if (end != null
              && record.offset() < end
              && !refused.contains(record.topic())
              && !sink.test(record)) {
            refused.add(record.topic());
          }
        }
        if (stopped.getAsBoolean()) {
          throw new IllegalStateException("the router was stopped while it read its topics back");
        }
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("the keyed topics could not be read back: " + ends.keySet());
        }
      }
    }
  }

  private static List<TopicPartition> done(List<TopicPartition> all, Set<TopicPartition> open) {
    return all.stream().filter(partition -> !open.contains(partition)).toList();
  }
}
