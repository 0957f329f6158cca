package dev.penstock.contracts.log;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Finds places of the log from which a reader can start: those where a leader went on, or opened a
/// generation, behind its claim. A leader renews its claim now and then, so that one is near.
public final class LogClaims {
  private static final long FIRST_WINDOW = 500;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final UUID generation;
  private final long commitLsn;
  private final long maxBytes;
  private long bytes;

  /// A place, and how many bytes of records were read to find it, backwards from where the search
  /// began.
  public record Place(ReaderState state, long bytes) {}

  private LogClaims(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      UUID generation,
      long commitLsn,
      long maxBytes) {
    this.consumer = consumer;
    this.partition = partition;
    this.generation = generation;
    this.commitLsn = commitLsn;
    this.maxBytes = maxBytes;
  }

  /// The latest place at or before a position, searched backwards in growing windows.
  ///
  /// @param kafka the consumer's configuration, `bootstrap.servers` at least
  /// @param untilOffset the Kafka offset before which to search
  /// @param maxBytes about how much of the log to read for it
  /// @return empty if the log, or so much of it, holds none
  public static Optional<Place> before(
      Map<String, ?> kafka,
      String topic,
      long untilOffset,
      UUID generation,
      long commitLsn,
      long maxBytes) {
    TopicPartition partition = LogTopic.partition(topic);
    try (KafkaConsumer<byte[], byte[]> consumer = LogParts.consumer(kafka)) {
      consumer.assign(List.of(partition));
      return new LogClaims(consumer, partition, generation, commitLsn, maxBytes)
          .search(untilOffset);
    }
  }

  private Optional<Place> search(long untilOffset) {
    long begin = requireNonNull(consumer.beginningOffsets(List.of(partition)).get(partition));
    long upper = untilOffset;
    for (long window = FIRST_WINDOW; upper > begin && bytes < maxBytes; window *= 2) {
      long lower = Math.max(begin, upper - window);
      Window found = new Window();
      read(lower, upper, found);
      if (found.orphan >= begin) {
        // Its claim stands in the window before.
        lower = found.orphan;
        found = new Window();
        read(lower, upper, found);
      }
      ReaderState best = found.best;
      if (best != null) {
        return Optional.of(new Place(best, bytes));
      }
      upper = lower;
    }
    return Optional.empty();
  }

  /// What one window holds.
  private final class Window {
    private long claim = -1;
    private long leader;
    private long orphan = -1;
    private @Nullable ReaderState best;

    void accept(ConsumerRecord<byte[], byte[]> record) {
      LogCodec.Stamped stamped = LogCodec.decode(record.value());
      Stamp stamp = stamped.stamp();
      switch (stamped.body()) {
        case LogRecord.Claim _ -> {
          claim = record.offset();
          leader = stamp.leader();
        }
        case LogRecord.Resume resume ->
            place(record.offset(), stamp, stamp.generation(), resume.number(), resume.point());
        case LogRecord.Generation opened ->
            place(
                record.offset(),
                stamp,
                opened.id(),
                0,
                new ResumePoint(opened.origin().startLsn(), 0, 0));
        case LogRecord.Part _, LogRecord.Progress _, LogRecord.RelationRecord _ -> {}
      }
    }

    private void place(long offset, Stamp stamp, UUID of, long number, ResumePoint point) {
      boolean wanted =
          of.equals(generation) && Long.compareUnsigned(point.commitLsn(), commitLsn) <= 0;
      if (wanted && claim < 0) {
        orphan = stamp.epoch();
      } else if (wanted && stamp.epoch() == claim && stamp.leader() == leader) {
        best = new ReaderState(offset + 1, of, claim, leader, number, point);
      }
    }
  }

  private void read(long from, long to, Window window) {
    LogStretch.read(
        consumer,
        partition,
        from,
        to,
        record -> {
          bytes += record.value().length;
          window.accept(record);
        });
  }
}
