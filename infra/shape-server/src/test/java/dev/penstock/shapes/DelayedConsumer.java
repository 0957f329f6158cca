package dev.penstock.shapes;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// Makes a server's real consumers late: no record is seen before it is so old.
public final class DelayedConsumer implements ConsumerInterceptor<byte[], byte[]> {
  private static final String NAME = "penstock.test.late";
  private static final Map<String, Duration> DELAYS = new ConcurrentHashMap<>();

  private String name = "";

  /// A server's settings under which [#delay] works on it.
  static Map<String, Object> settings(String name) {
    return Map.of(
        "kafka.interceptor.classes", DelayedConsumer.class.getName(), "kafka." + NAME, name);
  }

  static void delay(String name, Duration delay) {
    DELAYS.put(name, delay);
  }

  @Override
  public void configure(Map<String, ?> configuration) {
    name = String.valueOf(configuration.get(NAME));
  }

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    long newest = 0;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      newest = Math.max(newest, record.timestamp());
    }
    while (System.currentTimeMillis() < newest + DELAYS.getOrDefault(name, Duration.ZERO).toMillis()
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(5_000_000);
    }
    return records;
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public void close() {}
}
