package dev.penstock.analytics;

import dev.penstock.contracts.Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// What a stretch of records comes to: the last word on each row, by partition.
///
/// A partition's order is the order of its rows, and a row never changes its partition, so the last
/// record is the latest. `commit_lsn` would not do: it starts again with a restored database.
final class Batch {
  /// One partition's part.
  static final class Part {
    /// The offset of its first record.
    final long from;

    final Map<UUID, Word> words = new LinkedHashMap<>();
    boolean cleared;
    long next;
    long commitLsn;

    Part(long from) {
      this.from = from;
    }
  }

  /// The last word on a row.
  ///
  /// @param row null where it is gone
  record Word(@Nullable MessageRow row) {}

  record Unread(int partition, long offset, String reason) {}

  private final Map<Integer, Part> parts = new HashMap<>();
  private final List<Unread> unreadable = new ArrayList<>();
  private int records;

  static Batch of(Iterable<ConsumerRecord<byte[], byte[]>> records) {
    Batch batch = new Batch();
    records.forEach(batch::add);
    return batch;
  }

  Map<Integer, Part> parts() {
    return parts;
  }

  List<Unread> unreadable() {
    return unreadable;
  }

  int records() {
    return records;
  }

  private void add(ConsumerRecord<byte[], byte[]> kafka) {
    Part part = parts.computeIfAbsent(kafka.partition(), _ -> new Part(kafka.offset()));
    switch (ChangeReader.read(kafka)) {
      case Change.Put(MessageRow row) -> {
        Word before = part.words.get(row.id());
        part.words.put(row.id(), new Word(row.over(before == null ? null : before.row())));
      }
      case Change.Remove(UUID id) -> part.words.put(id, new Word(null));
      case Change.Clear() -> {
        part.words.clear();
        part.cleared = true;
      }
      case Change.Unreadable(String reason) ->
          unreadable.add(new Unread(kafka.partition(), kafka.offset(), reason));
    }
    part.next = kafka.offset() + 1;
    part.commitLsn = lsn(kafka, part.commitLsn);
    records++;
  }

  private static long lsn(ConsumerRecord<byte[], byte[]> kafka, long otherwise) {
    String text = Headers.text(kafka.headers(), Headers.COMMIT_LSN);
    try {
      return text == null ? otherwise : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
