package dev.penstock.contracts.log;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/// A part of the log that is read for what it says of the log itself.
final class LogStretch {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private LogStretch() {}

  /// Hands over the records from one offset to before another.
  ///
  /// @throws TimeoutException if none comes for 30 s
  static void read(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long from,
      long to,
      Consumer<ConsumerRecord<byte[], byte[]>> each) {
    consumer.seek(partition, from);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition) < to) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("no record of %s came within %s".formatted(partition, PATIENCE));
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(250))) {
        deadline = System.nanoTime() + PATIENCE.toNanos();
        if (record.offset() >= to) {
          return;
        }
        each.accept(record);
      }
    }
  }
}
