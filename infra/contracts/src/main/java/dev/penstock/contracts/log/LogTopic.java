package dev.penstock.contracts.log;

import dev.penstock.contracts.RequiredTopic;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;

/// The log's topic: one partition, no retention of its own (the leader cuts it, just before a
/// claim), records up to 34 MiB.
public final class LogTopic {
  /// The largest record: a row's text may have 32 MiB.
  public static final int MAX_RECORD_BYTES = 34 << 20;

  /// What would let the log lose what no claim says is gone.
  private static final Set<String> FIXED =
      Set.of("cleanup.policy", "retention.ms", "retention.bytes", "unclean.leader.election.enable");

  private LogTopic() {}

  static TopicPartition partition(String topic) {
    return new TopicPartition(topic, 0);
  }

  /// Makes the topic where it does not exist, and gives one that exists what it needs. Any number
  /// of programs may call it at once.
  ///
  /// @param replication replication factor; min.insync.replicas is one less, at least 1
  public static void create(Admin admin, String topic, short replication) {
    NewTopic log =
        new NewTopic(topic, Optional.of(1), Optional.of(replication))
            .configs(
                Map.of(
                    "cleanup.policy", "delete",
                    "retention.ms", "-1",
                    "retention.bytes", "-1",
                    "max.message.bytes", Integer.toString(MAX_RECORD_BYTES),
                    "compression.type", "producer",
                    "unclean.leader.election.enable", "false",
                    "min.insync.replicas", Integer.toString(Math.max(1, replication - 1))));
    RequiredTopic.ensure(admin, log, FIXED);
  }
}
