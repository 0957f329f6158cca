package dev.penstock.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/// Records as the bridge writes them, each at the next offset of its partition.
final class Records {
  static final String TOPIC = "t.public.messages";
  private static final UUID CONVERSATION = new UUID(7, 7);
  private final Map<Integer, Long> ends = new HashMap<>();

  ConsumerRecord<byte[], byte[]> put(int partition, String op, UUID id, String fields, long lsn) {
    String after =
        """
        {"id":"%s","conversation_id":"%s","role":"user","status":"completed",
         "created_at":"2026-11-23T10:00:00.000000Z","updated_at":"2026-11-23T10:00:01.500000Z",
         "reply_to":null,"error":null%s}\
        """
            .formatted(id, CONVERSATION, fields);
    return record(partition, id, envelope(op, "null", after), lsn);
  }

  ConsumerRecord<byte[], byte[]> delete(int partition, UUID id, long lsn) {
    return record(partition, id, envelope("d", "{\"id\":\"" + id + "\"}", "null"), lsn);
  }

  ConsumerRecord<byte[], byte[]> truncate(int partition, long lsn) {
    return record(partition, null, envelope("t", "null", "null"), lsn);
  }

  static String envelope(String op, String before, String after) {
    return "{\"before\":%s,\"after\":%s,\"source\":{},\"transaction\":null,\"op\":\"%s\"}"
        .formatted(before, after, op);
  }

  ConsumerRecord<byte[], byte[]> record(
      int partition, @Nullable UUID id, @Nullable String value, long lsn) {
    long offset = ends.merge(partition, 1L, Long::sum) - 1;
    RecordHeaders headers = new RecordHeaders();
    headers.add("commit_lsn", Long.toUnsignedString(lsn).getBytes(UTF_8));
    headers.add("seq", "0".getBytes(UTF_8));
    return new ConsumerRecord<>(
        TOPIC,
        partition,
        offset,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        id == null ? null : "{\"id\":\"%s\"}".formatted(id).getBytes(UTF_8),
        value == null ? null : value.getBytes(UTF_8),
        headers,
        Optional.empty());
  }
}
