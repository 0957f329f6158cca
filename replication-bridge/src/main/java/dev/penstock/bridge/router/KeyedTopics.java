package dev.penstock.bridge.router;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogTopic;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;

/// Makes a keyed topic before its first record: the archive, so nothing in it expires.
final class KeyedTopics {
  private final Admin admin;
  private final short replication;
  private final Set<String> present = new HashSet<>();

  KeyedTopics(Admin admin, short replication) {
    this.admin = admin;
    this.replication = replication;
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
    try {
      admin.createTopics(List.of(keyed)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new KafkaException("the topic " + topic + " could not be made", e.getCause());
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    present.add(topic);
  }
}
