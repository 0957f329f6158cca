package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.ResumePoint;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;

/// Debezium's offset is the log's position, and nothing that Debezium says changes it. Public,
/// since the engine makes it by its name.
///
/// The offset is the reduced one: with Debezium's own, 3.6.1 silently loses rows of a transaction
/// that was open at the restart.
public final class LogOffsetStore implements OffsetBackingStore {
  private String term = "";

  @Override
  public void configure(WorkerConfig config) {
    term = config.originalsStrings().getOrDefault(Seams.TERM, "");
  }

  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
    LogFeed feed = Seams.get(term).feed();
    ResumePoint point = feed.acknowledged().orElseThrow();
    String offset =
        "{\"lsn\":%d,\"lsn_commit\":%d,\"txId\":%d,\"ts_usec\":%d}"
            .formatted(point.commitLsn(), point.commitLsn(), point.xid(), point.commitMicros());
    Map<ByteBuffer, ByteBuffer> offsets = new HashMap<>();
    keys.forEach(key -> offsets.put(key, ByteBuffer.wrap(offset.getBytes(UTF_8))));
    return CompletableFuture.completedFuture(offsets);
  }

  @Override
  public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
    callback.onCompletion(null, null);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public Set<Map<String, Object>> connectorPartitions(String connector) {
    return Set.of();
  }
}
