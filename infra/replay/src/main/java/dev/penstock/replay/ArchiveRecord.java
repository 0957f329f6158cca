package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Headers;
import java.util.Arrays;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// A record of a keyed topic with its place, read from its headers alone.
///
/// @param seq its place in its transaction; [Long#MAX_VALUE] for a truncation and an event, which
///   have none
/// @param truncation counts the truncations of its transaction in this partition, this one
///   included; 0 for all other records
record ArchiveRecord(
    ConsumerRecord<byte[], byte[]> record, Place place, long txid, long seq, int truncation) {
  /// So many digits are always less than 2⁶³.
  private static final int EVERY_LONG = 18;

  static ArchiveRecord of(ConsumerRecord<byte[], byte[]> record, @Nullable ArchiveRecord before) {
    var headers = record.headers();
    Header generation = headers.lastHeader(Headers.GENERATION);
    Place last = before == null ? null : before.place();
    UUID id;
    if (generation == null || generation.value() == null) {
      id = last == null ? new UUID(0, 0) : last.generation();
    } else if (before != null && Arrays.equals(before.generation(), generation.value())) {
      id = before.place().generation();
    } else {
      id = UUID.fromString(new String(generation.value(), UTF_8));
    }
    long lsn = number(record, Headers.COMMIT_LSN, last == null ? 0 : last.commitLsn());
    Place place = new Place(id, lsn);
    boolean keyless = record.key() == null && headers.lastHeader(Headers.SEQ) == null;
    int truncations =
        keyless && before != null && place.equals(before.place()) ? before.truncation() : 0;
    return new ArchiveRecord(
        record,
        place,
        number(record, Headers.TXID, -1),
        number(record, Headers.SEQ, Long.MAX_VALUE),
        keyless ? truncations + 1 : 0);
  }

  private byte @Nullable [] generation() {
    Header header = record.headers().lastHeader(Headers.GENERATION);
    return header == null ? null : header.value();
  }

  private static long number(ConsumerRecord<?, ?> record, String name, long otherwise) {
    Header header = record.headers().lastHeader(name);
    byte[] digits = header == null ? null : header.value();
    if (digits == null) {
      return otherwise;
    }
    try {
      return digits.length > EVERY_LONG ? unsigned(digits) : small(digits);
    } catch (NumberFormatException e) {
      throw new ReplayException(
          "%s-%d, offset %d, has no number in its header %s: somebody else wrote it."
              .formatted(record.topic(), record.partition(), record.offset(), name));
    }
  }

  private static long unsigned(byte[] digits) {
    return Long.parseUnsignedLong(new String(digits, UTF_8));
  }

  private static long small(byte[] digits) {
    long number = 0;
    for (byte digit : digits) {
      if (digit < '0' || digit > '9') {
        return unsigned(digits);
      }
      number = 10 * number + digit - '0';
    }
    return digits.length == 0 ? unsigned(digits) : number;
  }

  TopicPartition partition() {
    return new TopicPartition(record.topic(), record.partition());
  }

  long bytes() {
    long key = record.key() == null ? 0 : record.key().length;
    return key + (record.value() == null ? 0 : record.value().length);
  }

  /// Compares two of one generation.
  int compareWithin(ArchiveRecord other) {
    int byLsn = Long.compareUnsigned(place.commitLsn(), other.place.commitLsn());
    if (byLsn != 0) {
      return byLsn;
    }
    int bySeq = Long.compare(seq, other.seq);
    if (bySeq != 0) {
      return bySeq;
    }
    int byTruncation = Integer.compare(truncation, other.truncation);
    if (byTruncation != 0) {
      return byTruncation;
    }
    // Always in the same order: truncations of several tables, and the two records in two
    // partitions
    // of a row whose key changed.
    int byTopic = record.topic().compareTo(other.record.topic());
    return byTopic != 0 ? byTopic : Integer.compare(record.partition(), other.record.partition());
  }
}
