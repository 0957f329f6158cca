package dev.penstock.contracts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A topic that has what its writer needs, whoever made it first: a consumer that was there earlier
/// makes it with the broker's defaults, which expire records and refuse those above 1 MiB.
public final class RequiredTopic {
  private static final Logger log = LoggerFactory.getLogger(RequiredTopic.class);
  private static final String MAX_RECORD = "max.message.bytes";
  private static final String MIN_REPLICAS = "min.insync.replicas";

  private final Admin admin;
  private final NewTopic wanted;
  private final Set<String> fixed;

  private RequiredTopic(Admin admin, NewTopic wanted, Set<String> fixed) {
    this.admin = admin;
    this.wanted = wanted;
    this.fixed = fixed;
  }

  /// Makes the topic, or brings one that exists to its settings. What a person has set on the topic
  /// itself stays, but for the fixed ones and too small a `max.message.bytes`;
  /// `min.insync.replicas` becomes no more than the topic's replicas allow. Any number of programs
  /// may call it at once.
  ///
  /// @param wanted name, number of partitions, settings
  /// @param fixed the settings that must be so
  /// @throws KafkaException if the topic has another number of partitions, or could not be made or
  ///   altered; the message says what to do
  public static void ensure(Admin admin, NewTopic wanted, Set<String> fixed) {
    try {
      admin.createTopics(List.of(wanted)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new KafkaException("the topic " + wanted.name() + " could not be made", e.getCause());
      }
      new RequiredTopic(admin, wanted, fixed).mend();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private void mend() {
    String name = wanted.name();
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    try {
      TopicDescription topic =
          Objects.requireNonNull(
              admin.describeTopics(List.of(name)).allTopicNames().get().get(name));
      if (topic.partitions().size() != wanted.numPartitions()) {
        throw new KafkaException(
            "the topic %s has %d partitions and must have %d: delete it, and it is made anew"
                .formatted(name, topic.partitions().size(), wanted.numPartitions()));
      }
      Config config =
          Objects.requireNonNull(
              admin.describeConfigs(List.of(resource)).all().get().get(resource));
      List<AlterConfigOp> changes =
          changes(config, topic.partitions().getFirst().replicas().size());
      if (!changes.isEmpty()) {
        admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
        log.atWarn()
            .addKeyValue("topic", name)
            .log("a topic that somebody else made got {}", text(changes));
      }
    } catch (ExecutionException e) {
      throw new KafkaException(
          "the topic %s exists and could not be looked at or altered; it needs %s"
              .formatted(name, wanted.configs()),
          e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private List<AlterConfigOp> changes(Config config, int replicas) {
    List<AlterConfigOp> changes = new ArrayList<>();
    wanted
        .configs()
        .forEach((key, value) -> {
          String needed =
              key.equals(MIN_REPLICAS)
                  ? Integer.toString(Math.min(Integer.parseInt(value), Math.max(1, replicas - 1)))
                  : value;
          ConfigEntry entry = config.get(key);
          if (entry == null || lacks(entry, needed)) {
            changes.add(new AlterConfigOp(new ConfigEntry(key, needed), AlterConfigOp.OpType.SET));
          }
        });
    return changes;
  }

  private boolean lacks(ConfigEntry entry, String needed) {
    if (entry.name().equals(MAX_RECORD)) {
      return Long.parseLong(entry.value()) < Long.parseLong(needed);
    }
    boolean chosen = entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
    return !needed.equals(entry.value()) && (!chosen || fixed.contains(entry.name()));
  }

  private static String text(List<AlterConfigOp> changes) {
    return changes.stream()
        .map(change -> change.configEntry().name() + "=" + change.configEntry().value())
        .collect(Collectors.joining(", "));
  }
}
