package dev.penstock.command.txid;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.log.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Finds a transaction's records in the keyed topics, as an ordinary `read_committed` consumer sees
/// them.
final class TopicSearch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, Object> kafka;
  private final long slackMillis;

  /// A consumer is dear to make.
  private final BlockingQueue<KafkaConsumer<byte[], byte[]>> idle;

  TopicSearch(Map<String, Object> kafka, Duration slack, int concurrency) {
    this.kafka = new HashMap<>(kafka);
    this.kafka.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    this.kafka.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    this.kafka.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    this.kafka.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    this.slackMillis = slack.toMillis();
    this.idle = new ArrayBlockingQueue<>(concurrency);
  }

  /// The first record in each place; those that are not there yet have no offset.
  List<Step.Placed> find(LogFinding.Found found, Deadline deadline) {
    KafkaConsumer<byte[], byte[]> consumer = idle.poll();
    if (consumer == null) {
      consumer =
          new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
    boolean sound = false;
    try {
      List<Step.Placed> placed = find(consumer, found, deadline);
      sound = true;
      return placed;
    } finally {
      if (!sound || !idle.offer(consumer)) {
        consumer.close(CloseOptions.timeout(Duration.ofMillis(500)));
      }
    }
  }

  private List<Step.Placed> find(
      KafkaConsumer<byte[], byte[]> consumer, LogFinding.Found found, Deadline deadline) {
    List<TopicPartition> partitions =
        found.places().stream()
            .map(place -> new TopicPartition(place.topic(), place.partition()))
            .toList();
    consumer.assign(partitions);
    long from = found.writtenMillis() - slackMillis;
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, from));
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
    Map<TopicPartition, Long> open = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = starts.get(partition);
      Long end = ends.get(partition);
      if (start != null && end != null && start.offset() < end) {
        consumer.seek(partition, start.offset());
        open.put(partition, end);
      } else {
        consumer.pause(List.of(partition));
      }
    }
    Map<TopicPartition, Step.Placed> hits = new HashMap<>();
    while (!open.isEmpty()) {
      long read = 0;
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        read++;
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (open.containsKey(partition) && isOf(found, record)) {
          hits.put(
              partition,
              new Step.Placed(
                  record.topic(),
                  record.partition(),
                  record.offset(),
                  Instant.ofEpochMilli(record.timestamp())));
          open.remove(partition);
        }
      }
      open.entrySet().removeIf(entry -> consumer.position(entry.getKey()) >= entry.getValue());
      if (!open.isEmpty()) {
        deadline.spend(read);
      }
    }
    List<Step.Placed> placed = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      Step.Placed hit = hits.get(partition);
      placed.add(
          hit != null
              ? hit
              : new Step.Placed(partition.topic(), partition.partition(), null, null));
    }
    return placed;
  }

  private static boolean isOf(LogFinding.Found found, ConsumerRecord<byte[], byte[]> record) {
    // LSNs begin anew where the database is another.
    return Lsn.decimal(found.commitLsn()).equals(Headers.text(record.headers(), Headers.COMMIT_LSN))
        && found.generation().toString().equals(Headers.text(record.headers(), Headers.GENERATION));
  }

  @Override
  public void close() {
    KafkaConsumer<byte[], byte[]> consumer;
    while ((consumer = idle.poll()) != null) {
      consumer.close(CloseOptions.timeout(Duration.ofMillis(500)));
    }
  }
}
