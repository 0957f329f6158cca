package dev.penstock.replay;

import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// What was read ahead of one partition, and not yet merged.
final class Lane {
  private static final int ENOUGH_RECORDS = 2_000;
  private static final long ENOUGH_BYTES = 1 << 20;

  /// Of a record with its key and headers in memory.
  private static final long OVERHEAD_BYTES = 500;

  final TopicPartition partition;
  private final Deque<ConsumerRecord<byte[], byte[]>> queue = new ArrayDeque<>();
  private long queuedBytes;
  private @Nullable ArchiveRecord head;
  private @Nullable ArchiveRecord before;
  boolean paused;

  /// Whether its head is among those that are compared.
  boolean merging;

  long end;

  Lane(TopicPartition partition) {
    this.partition = partition;
  }

  void add(ConsumerRecord<byte[], byte[]> record) {
    queue.add(record);
    queuedBytes += bytes(record);
  }

  boolean enough() {
    return queue.size() >= ENOUGH_RECORDS || queuedBytes >= ENOUGH_BYTES;
  }

  @Nullable ArchiveRecord head() {
    if (head == null) {
      ConsumerRecord<byte[], byte[]> next = queue.peek();
      if (next != null) {
        head = ArchiveRecord.of(next, before);
      }
    }
    return head;
  }

  void pop() {
    ConsumerRecord<byte[], byte[]> taken = queue.remove();
    queuedBytes -= bytes(taken);
    before = head;
    head = null;
  }

  private static long bytes(ConsumerRecord<byte[], byte[]> record) {
    return OVERHEAD_BYTES + (record.value() == null ? 0 : record.value().length);
  }
}
