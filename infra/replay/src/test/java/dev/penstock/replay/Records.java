package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Headers;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/// What is in topics.
final class Records {
  private Records() {}

  static List<String> tables(TestArchive archive) {
    try (Archive topics = archive.archive()) {
      return topics.ends().keySet().stream().map(TopicPartition::topic).distinct().toList();
    }
  }

  static void each(TestArchive archive, Collection<String> topics, Consumer<ArchiveRecord> sink)
      throws Exception {
    try (Archive admin = archive.archive();
        Merge merge = new Merge(admin.consumer(), List.of())) {
      Map<TopicPartition, Long> ends = new java.util.HashMap<>();
      for (var topic : admin.admin().describeTopics(topics).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(p -> ends.put(new TopicPartition(topic.name(), p.partition()), 0L));
      }
      var specs =
          new java.util.HashMap<TopicPartition, org.apache.kafka.clients.admin.OffsetSpec>();
      ends.keySet().forEach(p -> specs.put(p, org.apache.kafka.clients.admin.OffsetSpec.latest()));
      admin
          .admin()
          .listOffsets(
              specs,
              new org.apache.kafka.clients.admin.ListOffsetsOptions(
                  org.apache.kafka.common.IsolationLevel.READ_COMMITTED))
          .all()
          .get()
          .forEach((p, offset) -> ends.put(p, offset.offset()));
      merge.extend(Map.of(), ends);
      for (Optional<ArchiveRecord> next = merge.peek(); next.isPresent(); next = merge.peek()) {
        sink.accept(next.get());
        merge.take();
      }
    }
  }

  /// How often each record is there, whatever its topic.
  static Map<String, Integer> counted(TestArchive archive, Collection<String> topics)
      throws Exception {
    Map<String, Integer> counted = new TreeMap<>();
    each(
        archive,
        topics,
        record -> {
          byte[] value = record.record().value();
          byte[] key = record.record().key();
          counted.merge(
              "%d %s %s %s %s"
                  .formatted(
                      record.record().partition(),
                      record.place(),
                      Headers.text(record.record().headers(), Headers.SEQ),
                      key == null ? null : new String(key, UTF_8),
                      value == null ? null : new String(value, UTF_8).hashCode()),
              1,
              Integer::sum);
        });
    return counted;
  }
}
