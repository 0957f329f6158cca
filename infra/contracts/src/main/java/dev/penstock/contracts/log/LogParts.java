package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogRecord.Part;
import dev.penstock.contracts.log.LogRecord.RelationRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads single records of the log by their Kafka offset: pieces of large transactions, and
/// relations.
final class LogParts {
  private static final int MAX_RELATIONS = 10_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Map<String, Object> kafka;
  private final TopicPartition partition;
  private final Map<Long, Relation> relations =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Relation> eldest) {
          return size() > MAX_RELATIONS;
        }
      };

  LogParts(Map<String, ?> kafka, TopicPartition partition) {
    this.kafka = new HashMap<>(kafka);
    this.partition = partition;
  }

  static KafkaConsumer<byte[], byte[]> consumer(Map<String, ?> kafka) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  synchronized void remember(Relation relation) {
    relations.put(relation.id(), relation);
  }

  /// The latest of each table, by OID, as far as they are remembered.
  synchronized Map<Long, Relation> latest() {
    Map<Long, Relation> latest = new HashMap<>();
    for (Relation relation : relations.values()) {
      latest.merge(relation.oid(), relation, (one, two) -> one.id() > two.id() ? one : two);
    }
    return latest;
  }

  /// The relation whose record has this offset.
  Relation relation(long offset) {
    synchronized (this) {
      Relation known = relations.get(offset);
      if (known != null) {
        return known;
      }
    }
    Relation[] found = new Relation[1];
    fetch(
        List.of(offset),
        record -> {
          if (LogCodec.decode(record.value()).body() instanceof RelationRecord(Relation relation)) {
            found[0] = relation.withId(offset);
          } else {
            throw new LogFormatException(
                "a change refers to offset " + offset + ", which holds no relation");
          }
        });
    remember(found[0]);
    return found[0];
  }

  void read(List<Long> offsets, Consumer<Part> sink) {
    fetch(
        offsets,
        record -> {
          if (LogCodec.decode(record.value()).body() instanceof Part part) {
            sink.accept(part);
          } else {
            throw new LogFormatException(
                "offset " + record.offset() + " holds no piece of a transaction");
          }
        });
  }

  private void fetch(List<Long> offsets, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka)) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, offsets.getFirst());
      int next = 0;
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (next < offsets.size()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(250))) {
          if (next < offsets.size() && record.offset() == offsets.get(next)) {
            sink.accept(record);
            next++;
            deadline = System.nanoTime() + PATIENCE.toNanos();
          } else if (next < offsets.size() && record.offset() > offsets.get(next)) {
            throw new LogTruncatedException("offset " + offsets.get(next) + " of the log is gone");
          }
        }
        if (System.nanoTime() > deadline) {
          throw new org.apache.kafka.common.errors.TimeoutException(
              "offset "
                  + offsets.get(next)
                  + " of "
                  + partition
                  + " could not be read within "
                  + PATIENCE);
        }
      }
    } catch (org.apache.kafka.clients.consumer.OffsetOutOfRangeException e) {
      throw new LogTruncatedException("offset " + offsets.getFirst() + " of the log is gone", e);
    }
  }
}
