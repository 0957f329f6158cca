package dev.penstock.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// What a rewrite asks of Kafka's administration.
final class RewriteTopics {
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final long PAUSE_NANOS = 20_000_000;

  private final Admin admin;
  private final String markGroup;

  /// @param markGroup its positions say which copies are whole
  RewriteTopics(Admin admin, String markGroup) {
    this.admin = admin;
    this.markGroup = markGroup;
  }

  Set<String> names() {
    return get(admin.listTopics().names());
  }

  void delete(String topic) {
    try {
      admin.deleteTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw failed(e);
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  void createLike(String model, String topic) {
    TopicDescription described = describe(model);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, model);
    Map<String, String> configs =
        Objects.requireNonNull(get(admin.describeConfigs(List.of(resource)).all()).get(resource))
            .entries()
            .stream()
            .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
            .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
    NewTopic wanted =
        new NewTopic(
                topic,
                Optional.of(described.partitions().size()),
                Optional.of((short) described.partitions().getFirst().replicas().size()))
            .configs(configs);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        admin.createTopics(List.of(wanted)).all().get();
        return;
      } catch (ExecutionException e) {
        // The deletion takes a moment.
        if (!(e.getCause() instanceof TopicExistsException) || System.nanoTime() > deadline) {
          throw failed(e);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
  }

  private TopicDescription describe(String topic) {
    return Objects.requireNonNull(
        get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
  }

  Map<TopicPartition, Long> ends(String topic) {
    return offsets(topic, OffsetSpec.latest());
  }

  Map<TopicPartition, Long> begins(String topic) {
    return offsets(topic, OffsetSpec.earliest());
  }

  long end(String topic) {
    return ends(topic).values().stream().mapToLong(Long::longValue).sum();
  }

  private Map<TopicPartition, Long> offsets(String topic, OffsetSpec spec) {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    describe(topic)
        .partitions()
        .forEach(partition -> wanted.put(new TopicPartition(topic, partition.partition()), spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    get(admin.listOffsets(wanted).all())
        .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
    return offsets;
  }

  /// Waits for the last marker, which Kafka writes behind the answer to a commit.
  void requireEnds(String topic, Map<TopicPartition, Long> wanted) {
    Map<Integer, Long> expected = byNumber(wanted);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!byNumber(ends(topic)).equals(expected)) {
      LockSupport.parkNanos(PAUSE_NANOS);
      if (System.nanoTime() > deadline) {
        throw new ReplayException(
            "The copy %s does not end where its original does: %s and not %s."
                .formatted(topic, byNumber(ends(topic)), expected));
      }
    }
  }

  private static Map<Integer, Long> byNumber(Map<TopicPartition, Long> offsets) {
    return offsets.entrySet().stream()
        .collect(Collectors.toMap(entry -> entry.getKey().partition(), Map.Entry::getValue));
  }

  void cut(String topic, Map<TopicPartition, Long> begins) {
    Map<TopicPartition, RecordsToDelete> cuts = new HashMap<>();
    begins.forEach((partition, begin) -> {
      if (begin > 0) {
        cuts.put(
            new TopicPartition(topic, partition.partition()), RecordsToDelete.beforeOffset(begin));
      }
    });
    get(admin.deleteRecords(cuts).all());
  }

  /// Kafka forgets the positions in a topic with the topic. They are kept as positions in its copy.
  void copyPositions(String from, String into) {
    for (String group : groups()) {
      Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
      positions(group)
          .forEach((partition, offset) -> {
            if (partition.topic().equals(from) && offset != null) {
              moved.put(new TopicPartition(into, partition.partition()), offset);
            }
          });
      if (!moved.isEmpty()) {
        try {
          admin.alterConsumerGroupOffsets(group, moved).all().get();
        } catch (ExecutionException e) {
          throw new ReplayException(
              "The group %s has running consumers: stop them, and start the command again."
                  .formatted(group),
              e);
        } catch (InterruptedException e) {
          throw new InterruptException(e);
        }
      }
    }
  }

  private List<String> groups() {
    List<String> groups = new ArrayList<>();
    for (GroupListing group : get(admin.listGroups().all())) {
      GroupType type = group.type().orElse(GroupType.CLASSIC);
      if (!group.groupId().equals(markGroup)
          && (type == GroupType.CLASSIC || type == GroupType.CONSUMER)) {
        groups.add(group.groupId());
      }
    }
    return groups;
  }

  private Map<TopicPartition, OffsetAndMetadata> positions(String group) {
    return get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
  }

  void markWhole(String stage, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, OffsetAndMetadata> mark = new HashMap<>();
    ends.forEach((partition, end) ->
        mark.put(
            new TopicPartition(stage, partition.partition()),
            new OffsetAndMetadata(Objects.requireNonNull(end))));
    get(admin.alterConsumerGroupOffsets(markGroup, mark).all());
  }

  boolean isWhole(String stage) {
    return positions(markGroup).keySet().stream()
        .anyMatch(partition -> partition.topic().equals(stage));
  }

  /// Its positions, and the mark, go with the topic.
  void forget(String stage) {
    delete(stage);
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw failed(e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static ReplayException failed(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new ReplayException("Kafka refused: " + cause.getMessage(), cause);
  }
}
