package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Headers;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/// Writes a topic anew under its own name, by way of a second topic: Kafka can neither change a
/// record nor rename a topic. Offsets stay, and with them everybody's positions.
///
/// Until the second topic is whole the first is not touched; from then on a run that is started
/// again goes on from the second one.
final class TopicRewrite {
  private final Archive archive;
  private final Map<String, Object> kafka;
  private final ReplayProgress progress;
  private final NoBridge lead;
  private final RewriteTopics topics;
  private final String id;

  TopicRewrite(Archive archive, Map<String, Object> kafka, ReplayProgress progress, NoBridge lead) {
    this.archive = archive;
    this.kafka = kafka;
    this.progress = progress;
    this.lead = lead;
    this.id = archive.topics().prefix() + ".erase";
    this.topics = new RewriteTopics(archive.admin(), id);
  }

  private String stage(String topic) {
    return "erase-" + topic;
  }

  /// Ends what an earlier run began.
  void finishEarlier() {
    String begin = stage(archive.topics().prefix() + ".");
    for (String stage : topics.names()) {
      if (stage.startsWith(begin) && topics.isWhole(stage)) {
        String topic = stage.substring(stage("").length());
        if (topics.names().contains(topic) && topics.end(topic) > topics.end(stage)) {
          throw new ReplayException(
              "%s was written to since the erasure of an earlier run stopped: compare it with %s, delete that, and start again."
                  .formatted(topic, stage));
        }
        progress.say("Going on with " + topic + ", where an earlier run stopped.");
        restore(stage, topic);
      }
    }
  }

  /// @param keys of the records whose values go
  void run(String topic, Set<ByteBuffer> keys) {
    restore(prepare(topic, keys), topic);
  }

  /// Makes the second topic, and changes nothing else.
  String prepare(String topic, Set<ByteBuffer> keys) {
    String stage = stage(topic);
    topics.delete(stage);
    topics.createLike(topic, stage);
    Map<TopicPartition, Long> ends = topics.ends(topic);
    String at = Instant.now().toString();
    copy(topic, stage, ends, record -> erased(record, keys, at));
    requireUnchanged(topic, ends);
    topics.copyPositions(topic, stage);
    topics.markWhole(stage, ends);
    return stage;
  }

  private void restore(String stage, String topic) {
    Map<TopicPartition, Long> begins = topics.begins(stage);
    topics.delete(topic);
    topics.createLike(stage, topic);
    copy(stage, topic, topics.ends(stage), UnaryOperator.identity());
    topics.cut(topic, begins);
    topics.copyPositions(stage, topic);
    topics.forget(stage);
  }

  private void copy(
      String from,
      String into,
      Map<TopicPartition, Long> ends,
      UnaryOperator<ConsumerRecord<byte[], byte[]>> change) {
    progress.begin("Copy " + from, ends.values().stream().mapToLong(Long::longValue).sum());
    try (KafkaConsumer<byte[], byte[]> consumer = archive.consumer();
        KafkaProducer<byte[], byte[]> producer = OffsetCopy.producer(kafka, id)) {
      producer.initTransactions();
      OffsetCopy copy =
          new OffsetCopy(
              consumer,
              producer,
              record -> {
                progress.read(1, record.value() == null ? 0 : record.value().length);
                return change.apply(record);
              });
      ends.forEach((partition, end) ->
          copy.run(
              new TopicPartition(from, partition.partition()),
              end,
              new TopicPartition(into, partition.partition())));
    }
    topics.requireEnds(into, ends);
    progress.end();
  }

  private static ConsumerRecord<byte[], byte[]> erased(
      ConsumerRecord<byte[], byte[]> record, Set<ByteBuffer> keys, String at) {
    if (record.key() == null
        || record.value() == null
        || !keys.contains(ByteBuffer.wrap(record.key()))) {
      return record;
    }
    RecordHeaders headers = new RecordHeaders(record.headers());
    headers.add(Headers.ERASED, at.getBytes(UTF_8));
    return new ConsumerRecord<>(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        TimestampType.CREATE_TIME,
        record.serializedKeySize(),
        0,
        record.key(),
        null,
        headers,
        record.leaderEpoch());
  }

  /// A router that has just lost its lead may have had a transaction on its way.
  private void requireUnchanged(String topic, Map<TopicPartition, Long> ends) {
    lead.requireHeld();
    if (!topics.ends(topic).equals(ends)) {
      throw new ReplayException(
          topic + " was written to: start the command again. Nothing was changed.");
    }
  }
}
