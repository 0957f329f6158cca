package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.RequiredTopic;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogTopic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// A topic with the archive's partitions and the records as they are, each with a header that says
/// that it was replayed. The position is committed for a group, in the same Kafka transactions.
final class TopicTarget implements Target {
  private final String topic;
  private final String job;
  private final ConsumerGroupMetadata group;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Optional<Position> start;
  private boolean open;

  @SuppressWarnings("removal") // the group has no members
  TopicTarget(Map<String, Object> kafka, Admin admin, String topic, String job) {
    this.topic = topic;
    this.job = job;
    this.group = new ConsumerGroupMetadata(job);
    ensure(admin);
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, job);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LogTopic.MAX_RECORD_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * LogTopic.MAX_RECORD_BYTES);
    producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    // From here on an earlier run can commit nothing, so its position is final.
    producer.initTransactions();
    start = stored(admin);
  }

  private void ensure(Admin admin) {
    NewTopic wanted =
        new NewTopic(topic, Optional.of(Topics.KEYED_PARTITIONS), Optional.empty())
            .configs(
                Map.of(
                    "cleanup.policy", "delete",
                    "retention.ms", "-1",
                    "retention.bytes", "-1",
                    "max.message.bytes", Integer.toString(LogTopic.MAX_RECORD_BYTES)));
    RequiredTopic.ensure(admin, wanted, Set.of());
  }

  private Optional<Position> stored(Admin admin) {
    try {
      Map<TopicPartition, OffsetAndMetadata> offsets =
          admin
              .listConsumerGroupOffsets(
                  Map.of(job, new ListConsumerGroupOffsetsSpec()),
                  new ListConsumerGroupOffsetsOptions().requireStable(true))
              .partitionsToOffsetAndMetadata(job)
              .get();
      Map<TopicPartition, Long> next = new HashMap<>();
      String metadata = "";
      for (var entry : offsets.entrySet()) {
        if (entry.getValue() != null) {
          next.put(entry.getKey(), entry.getValue().offset());
          metadata = entry.getValue().metadata();
        }
      }
      if (next.isEmpty()) {
        return Optional.empty();
      }
      Position rest = Position.parse(metadata);
      return Optional.of(new Position(rest.settings(), next, rest.generations(), rest.begun()));
    } catch (ExecutionException e) {
      throw new KafkaException("the position of " + job + " could not be read", e.getCause());
    } catch (InterruptedException e) {
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  @Override
  public Optional<Position> position() {
    return start;
  }

  @Override
  public void accept(ArchiveRecord record, Replayed change) {
    begin();
    RecordHeaders headers = new RecordHeaders(record.record().headers());
    headers.remove(Headers.REPLAYED);
    headers.add(Headers.REPLAYED, job.getBytes(UTF_8));
    // A failed send fails the commit.
    var _ =
        producer.send(
            new ProducerRecord<>(
                topic,
                record.record().partition(),
                record.record().timestamp(),
                record.record().key(),
                record.record().value(),
                headers));
  }

  private void begin() {
    if (!open) {
      producer.beginTransaction();
      open = true;
    }
  }

  @Override
  public boolean readsRows() {
    return false;
  }

  @Override
  public void commit(Position position) {
    begin();
    // Kafka allows 4 KiB.
    int known = position.generations().size();
    List<UUID> generations = position.generations().subList(Math.max(0, known - 50), known);
    String rest =
        new Position(position.settings(), Map.of(), generations, position.begun())
            .toJson()
            .toString();
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    position
        .next()
        .forEach((partition, offset) ->
            offsets.put(partition, new OffsetAndMetadata(Objects.requireNonNull(offset), rest)));
    producer.sendOffsetsToTransaction(offsets, group);
    producer.commitTransaction();
    open = false;
  }

  @Override
  public void close() {
    // An open transaction is aborted by the next run, or by Kafka.
    producer.close(java.time.Duration.ofSeconds(1));
  }
}
