package dev.penstock.bridge.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Headers;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The messages that were routed before a new generation, of the stretch of WAL that its slot sends
/// again: from where the generation starts to where its snapshot has the rows.
///
/// A message is the same by its commit LSN, its txid, its key and its content, so that nothing of
/// another history is taken for it.
final class EmittedMessages {
  private final Set<UUID> emitted = new HashSet<>();

  private EmittedMessages() {}

  static EmittedMessages none() {
    return new EmittedMessages();
  }

  /// Reads the topics of messages back.
  ///
  /// @param above the position, exclusive
  /// @param upTo the snapshot's LSN
  static EmittedMessages read(
      KeyedTopicsReader reader, Collection<String> topics, long above, long upTo) {
    EmittedMessages all = new EmittedMessages();
    reader.read(
        topics,
        record -> {
          String lsn = Headers.text(record.headers(), Headers.COMMIT_LSN);
          long at = lsn == null ? 0 : Long.parseUnsignedLong(lsn);
          if (Long.compareUnsigned(at, above) > 0 && Long.compareUnsigned(at, upTo) <= 0) {
            all.emitted.add(
                identity(record.topic(), record.headers(), record.key(), record.value()));
          }
          return true;
        });
    return all;
  }

  boolean isEmpty() {
    return emitted.isEmpty();
  }

  boolean has(
      String topic,
      org.apache.kafka.common.header.Headers headers,
      byte @Nullable [] key,
      byte @Nullable [] value) {
    return !emitted.isEmpty() && emitted.contains(identity(topic, headers, key, value));
  }

  private static UUID identity(
      String topic,
      org.apache.kafka.common.header.Headers headers,
      byte @Nullable [] key,
      byte @Nullable [] value) {
    MessageDigest digest = RoutedRow.md5();
    String where =
        "%s %s %s %d "
            .formatted(
                topic,
                Headers.text(headers, Headers.COMMIT_LSN),
                Headers.text(headers, Headers.TXID),
                key == null ? -1 : key.length);
    digest.update(where.getBytes(UTF_8));
    if (key != null) {
      digest.update(key);
    }
    if (value != null) {
      digest.update(value);
    }
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
    return new UUID(bytes.getLong(), bytes.getLong());
  }
}
