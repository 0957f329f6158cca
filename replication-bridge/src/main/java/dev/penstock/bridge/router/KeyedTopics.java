package dev.penstock.bridge.router;

import dev.penstock.contracts.RequiredTopic;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogTopic;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/// Makes a keyed topic before its first record, or gives one that somebody else made what it needs:
/// the archive, so nothing in it expires.
final class KeyedTopics {
  private final Admin admin;
  private final short replication;
  private final Set<String> present = new HashSet<>();

  KeyedTopics(Admin admin, short replication) {
    this.admin = admin;
    this.replication = replication;
  }

  /// A topic of the prefix that has records that only a router can have written: without a position
  /// it would write them all again.
  Optional<String> firstWithRecords(Topics topics) {
    try {
      List<String> keyed =
          admin.listTopics().names().get().stream()
              .filter(name ->
                  name.startsWith(topics.prefix() + ".") && !unrouted(topics).contains(name))
              .toList();
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      for (TopicDescription topic : admin.describeTopics(keyed).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(partition ->
                latest.put(
                    new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest()));
      }
      for (var end : admin.listOffsets(latest).all().get().entrySet()) {
        if (end.getValue().offset() > 0) {
          return Optional.of(end.getKey().topic());
        }
      }
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new KafkaException("the keyed topics could not be looked at", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /// The topics of tables, of those that there are and of those that were; perhaps some of a prefix
  /// that begins with this one.
  List<String> tables(Routing routing) {
    Topics topics = routing.topics();
    Set<String> others =
        new HashSet<>(
            Set.of(
                topics.log(),
                topics.questions(),
                topics.questionsDeadLetters(),
                topics.revocations()));
    for (OutboxRoute route : routing.outbox().values()) {
      others.add(route.topic());
      others.add(route.deadLetters());
    }
    try {
      return admin.listTopics().names().get().stream()
          .filter(name -> name.startsWith(topics.prefix() + ".") && !others.contains(name))
          .toList();
    } catch (ExecutionException e) {
      throw new KafkaException("the keyed topics could not be listed", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /// When the last record that only a router can have written was written to any topic of the
  /// prefix, by its writer's clock; milliseconds since 1970.
  long lastWrittenMillis(Topics topics) {
    try {
      List<String> names =
          admin.listTopics().names().get().stream()
              .filter(name ->
                  name.startsWith(topics.prefix() + ".") && !unrouted(topics).contains(name))
              .toList();
      Map<TopicPartition, OffsetSpec> newest = new HashMap<>();
      for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(partition ->
                newest.put(
                    new TopicPartition(topic.name(), partition.partition()),
                    OffsetSpec.maxTimestamp()));
      }
      return admin.listOffsets(newest).all().get().values().stream()
          .mapToLong(end -> end.timestamp())
          .max()
          .orElse(-1);
    } catch (ExecutionException e) {
      throw new KafkaException("the keyed topics could not be looked at", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /// What others write, too.
  private static Set<String> unrouted(Topics topics) {
    return Set.of(topics.log(), topics.questionsDeadLetters(), topics.revocations());
  }

  void ensure(String topic) {
    if (present.contains(topic)) {
      return;
    }
    NewTopic keyed =
        new NewTopic(topic, Optional.of(Topics.KEYED_PARTITIONS), Optional.of(replication))
            .configs(
                Map.of(
                    "cleanup.policy", "delete",
                    "retention.ms", "-1",
                    "retention.bytes", "-1",
                    "max.message.bytes", Integer.toString(LogTopic.MAX_RECORD_BYTES),
                    "min.insync.replicas", Integer.toString(Math.max(1, replication - 1))));
    // A person may have it compacted, or expire.
    RequiredTopic.ensure(admin, keyed, Set.of());
    present.add(topic);
  }
}
