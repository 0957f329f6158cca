package dev.penstock.shapes.log;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/// How large the log is on its brokers' disks.
final class LogSize {
  private LogSize() {}

  /// The size in bytes of the largest replica; [Long#MAX_VALUE] where the brokers do not tell.
  static long bytes(TailSettings settings) {
    TopicPartition partition = new TopicPartition(settings.topic(), 0);
    try (Admin admin = Admin.create(settings.kafka())) {
      var brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
      long largest = -1;
      for (Map<String, LogDirDescription> dirs :
          admin.describeLogDirs(brokers).allDescriptions().get().values()) {
        for (LogDirDescription dir : dirs.values()) {
          var replica = dir.replicaInfos().get(partition);
          largest = replica == null ? largest : Math.max(largest, replica.size());
        }
      }
      return largest < 0 ? Long.MAX_VALUE : largest;
    } catch (ExecutionException e) {
      throw new KafkaException("the log's size is not known", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
