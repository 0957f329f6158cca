package dev.penstock.replay;

import dev.penstock.contracts.log.LogTopic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Copies a partition such that every record has the offset that it had.
///
/// The offsets between records are those of Kafka's own transaction markers. A marker is made by a
/// commit where there was one, and by an aborted transaction of fillers where more is missing: to
/// `read_committed` consumers neither is there.
final class OffsetCopy {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaProducer<byte[], byte[]> producer;
  private final UnaryOperator<ConsumerRecord<byte[], byte[]>> change;
  private long next;
  private boolean open;

  /// @param producer transactional, and initialised
  /// @param change what becomes of a record; it keeps its place
  OffsetCopy(
      KafkaConsumer<byte[], byte[]> consumer,
      KafkaProducer<byte[], byte[]> producer,
      UnaryOperator<ConsumerRecord<byte[], byte[]>> change) {
    this.consumer = consumer;
    this.producer = producer;
    this.change = change;
  }

  static KafkaProducer<byte[], byte[]> producer(Map<String, Object> kafka, String id) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LogTopic.MAX_RECORD_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * LogTopic.MAX_RECORD_BYTES);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /// Copies up to `end`, into a partition that is empty.
  void run(TopicPartition from, long end, TopicPartition into) {
    next = 0;
    consumer.assign(List.of(from));
    consumer.seekToBeginning(List.of(from));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(from) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        deadline = System.nanoTime() + PATIENCE.toNanos();
        if (record.offset() < end) {
          fill(into, record.offset());
          send(into, record);
        }
      }
      if (System.nanoTime() > deadline) {
        throw new ReplayException("Kafka sent nothing of %s.".formatted(from));
      }
    }
    fill(into, end);
  }

  private void send(TopicPartition into, ConsumerRecord<byte[], byte[]> record) {
    begin();
    ConsumerRecord<byte[], byte[]> changed = change.apply(record);
    var _ =
        producer.send(
            new ProducerRecord<>(
                into.topic(),
                into.partition(),
                changed.timestamp(),
                changed.key(),
                changed.value(),
                changed.headers()));
    next++;
  }

  private void begin() {
    if (!open) {
      producer.beginTransaction();
      open = true;
    }
  }

  private void fill(TopicPartition into, long offset) {
    if (next < offset && open) {
      producer.commitTransaction();
      open = false;
      next++;
    }
    long missing = offset - next;
    if (missing == 1) {
      throw new ReplayException(
          "The offset %d of %s cannot be made again, and nothing was changed."
              .formatted(next, into));
    }
    if (missing > 1) {
      producer.beginTransaction();
      for (long i = 1; i < missing; i++) {
        var _ = producer.send(new ProducerRecord<>(into.topic(), into.partition(), null, null));
      }
      producer.flush();
      producer.abortTransaction();
      next = offset;
    }
  }
}
