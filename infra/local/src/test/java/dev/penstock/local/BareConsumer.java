package dev.penstock.local;

import dev.penstock.contracts.Headers;
import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// A consumer with nothing of Penstock's in it, which notes by its own clock when each record was
/// to be read.
final class BareConsumer implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<Long, Long> times = new ConcurrentHashMap<>();
  private final Map<Long, Map<String, Seen>> first = new ConcurrentHashMap<>();
  private final Thread thread;

  /// @param micros since 1970
  record Seen(long offset, long micros) {}

  private BareConsumer(String isolation, List<TopicPartition> partitions) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                TestStack.bootstrapServers(),
                "isolation.level",
                isolation,
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    thread = Thread.ofPlatform().daemon().name("bare-consumer").start(this::read);
  }

  static BareConsumer of(TopicPartition log) {
    return new BareConsumer("read_uncommitted", List.of(log));
  }

  static BareConsumer ofCommitted(List<TopicPartition> keyed) {
    return new BareConsumer("read_committed", keyed);
  }

  private void read() {
    try (consumer) {
      while (true) {
        var records = consumer.poll(Duration.ofSeconds(1));
        long now = LiveShape.micros();
        for (ConsumerRecord<byte[], byte[]> record : records) {
          times.put(record.offset(), now);
          if (record.headers().lastHeader(Headers.TXID) != null) {
            first
                .computeIfAbsent(
                    Long.valueOf(Headers.text(record.headers(), Headers.TXID)),
                    txid -> new ConcurrentHashMap<>())
                .putIfAbsent(
                    record.topic() + "-" + record.partition(), new Seen(record.offset(), now));
          }
        }
      }
    } catch (WakeupException e) {
      // Closed.
      return;
    }
  }

  /// When a record could be read, by its offset, where there is one partition; microseconds since
  /// 1970.
  Map<Long, Long> times() {
    return times;
  }

  /// The first record of each transaction in each partition, by txid.
  Map<Long, Map<String, Seen>> first() {
    return first;
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
