package dev.penstock.contracts.log;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;

/// Cuts the log's old end, just before a claim that a leader went on from: that leader's record
/// behind it repeats the generation and the position, and the relations are repeated behind that,
/// so a reader can begin there.
public final class LogCut {
  private LogCut() {}

  /// Deletes what is older than `age` or exceeds `bytes`, up to the last such claim before.
  ///
  /// @param age by the records' own time
  /// @param bytes of the log as it lies on the broker; Kafka frees whole segments only, so up to
  ///   one segment more stays
  /// @param keep the first offset that must stay in any case
  /// @return up to where it cut, empty where there was nothing to cut
  public static Optional<Long> before(
      Map<String, ?> kafka, String topic, Duration age, long bytes, long keep) {
    TopicPartition log = LogTopic.partition(topic);
    Admin admin = Admin.create(Map.copyOf(kafka));
    try {
      long begin = offset(admin, log, OffsetSpec.earliest());
      long end = offset(admin, log, OffsetSpec.latest());
      long young =
          offset(admin, log, OffsetSpec.forTimestamp(System.currentTimeMillis() - age.toMillis()));
      // No record is that young.
      long wanted = young < 0 ? end : young;
      wanted = Math.min(keep, Math.max(wanted, excess(admin, log, bytes, begin, end)));
      if (wanted <= begin) {
        return Optional.empty();
      }
      OptionalLong claim = LogReader.latestClaimBefore(kafka, topic, wanted);
      if (claim.isEmpty() || claim.getAsLong() <= begin) {
        return Optional.empty();
      }
      admin.deleteRecords(Map.of(log, RecordsToDelete.beforeOffset(claim.getAsLong()))).all().get();
      return Optional.of(claim.getAsLong());
    } catch (ExecutionException e) {
      throw new KafkaException("the log " + topic + " could not be cut", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } finally {
      admin.close(Duration.ofSeconds(1));
    }
  }

  /// An estimate: the records are taken to be of one size. What lies on the broker has up to a
  /// segment that is deleted and not freed, so nothing is cut before there is a segment too much:
  /// else the same excess would be cut again and again.
  private static long excess(Admin admin, TopicPartition log, long limit, long begin, long end)
      throws ExecutionException, InterruptedException {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, log.topic());
    Config config =
        Objects.requireNonNull(admin.describeConfigs(List.of(topic)).all().get().get(topic));
    long segment = Long.parseLong(config.get("segment.bytes").value());
    List<Integer> brokers =
        admin.describeCluster().nodes().get().stream().map(node -> node.id()).toList();
    long size =
        admin.describeLogDirs(brokers).allDescriptions().get().values().stream()
            .flatMap(directories -> directories.values().stream())
            .map(directory -> directory.replicaInfos().get(log))
            .filter(replica -> replica != null && !replica.isFuture())
            .mapToLong(replica -> replica.size())
            .max()
            .orElse(0);
    long live = size - segment;
    return live <= limit ? begin : begin + (long) ((end - begin) * (1.0 - (double) limit / live));
  }

  private static long offset(Admin admin, TopicPartition log, OffsetSpec which)
      throws ExecutionException, InterruptedException {
    return admin.listOffsets(Map.of(log, which)).partitionResult(log).get().offset();
  }
}
