package dev.penstock.contracts.log;

import static java.util.Objects.requireNonNull;

import dev.penstock.contracts.log.LogRecord.Generation;
import dev.penstock.contracts.log.LogRecord.RelationRecord;
import dev.penstock.contracts.log.LogRecord.Resume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The one reader of the log. Releases every committed transaction exactly once, in commit order,
/// whole.
///
/// Not thread-safe, but for [#wakeup] and [Transaction#forEach]. The memory of an open transaction
/// is bounded at 16 MiB.
public final class LogReader implements AutoCloseable {
  /// A record can have 256 KiB, and under load has.
  private static final long FIRST_WINDOW = 200;

  private final TopicPartition partition;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final LogParts parts;
  private ReaderRule rule;
  private @Nullable LogOrigin origin;
  private long nextOffset;
  private long searched;

  private LogReader(Map<String, ?> kafka, String topic) {
    partition = LogTopic.partition(topic);
    consumer = LogParts.consumer(kafka);
    parts = new LogParts(kafka, partition);
    rule = new ReaderRule();
    consumer.assign(List.of(partition));
  }

  /// Reads from the oldest record that is retained.
  ///
  /// @param kafka the consumer's configuration, `bootstrap.servers` at least
  public static LogReader fromBeginning(Map<String, ?> kafka, String topic) {
    return open(kafka, topic, reader -> reader.seek(reader.beginOffset()));
  }

  /// Reads from the latest claim that a leader went on from: the shortest way to the log's present
  /// position. Finds it backwards from the tail, in growing windows.
  public static LogReader fromLatestClaim(Map<String, ?> kafka, String topic) {
    return open(kafka, topic, LogReader::seekToLatestClaim);
  }

  /// Goes on exactly where a reader stood.
  public static LogReader from(Map<String, ?> kafka, String topic, ReaderState state) {
    return open(
        kafka,
        topic,
        reader -> {
          reader.rule = new ReaderRule(state);
          reader.seek(state.nextOffset());
        });
  }

  /// Reads from a place that is not behind the first record written at `millis` or later: so that
  /// what was written before is passed over, and every record from there on counts as it does for
  /// who reads all.
  ///
  /// @param known a state at or before an offset, from an earlier reader, or null: spares the
  ///   search for the claim before it
  public static LogReader fromTime(
      Map<String, ?> kafka, String topic, long millis, LongFunction<@Nullable ReaderState> known) {
    return open(
        kafka,
        topic,
        reader -> {
          long offset = reader.offsetAt(millis);
          ReaderState state = known.apply(offset);
          if (state == null) {
            long claim = reader.latestClaimUpTo(offset);
            reader.seek(claim < 0 ? reader.beginOffset() : claim);
          } else {
            reader.rule = new ReaderRule(state);
            reader.seek(state.nextOffset());
          }
        });
  }

  private long offsetAt(long millis) {
    OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, millis)).get(partition);
    return found == null ? endOffset() : found.offset();
  }

  private static LogReader open(
      Map<String, ?> kafka, String topic, java.util.function.Consumer<LogReader> position) {
    LogReader reader = new LogReader(kafka, topic);
    try {
      position.accept(reader);
      return reader;
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /// Waits up to `timeout` for records and returns what they meant, in order; empty where nothing
  /// was released.
  ///
  /// @throws LogTruncatedException if the log no longer has the next record
  /// @throws LogFormatException if a record is not one this program can read
  /// @throws org.apache.kafka.common.errors.WakeupException after [#wakeup]
  public List<LogEvent> poll(Duration timeout) {
    List<LogEvent> events = new ArrayList<>();
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
        accept(record, events);
        nextOffset = record.offset() + 1;
      }
    } catch (OffsetOutOfRangeException e) {
      throw new LogTruncatedException("the log no longer has offset " + nextOffset, e);
    }
    return events;
  }

  private void accept(ConsumerRecord<byte[], byte[]> record, List<LogEvent> events) {
    LogCodec.Stamped stamped = LogCodec.decode(record.value());
    LogRecord body = stamped.body();
    switch (rule.accept(record.offset(), stamped.stamp(), body)) {
      case IGNORED, PENDING -> {}
      case CLAIMED -> events.add(new LogEvent.Claimed(record.offset()));
      case RELATION -> {
        if (body instanceof RelationRecord(Relation relation)) {
          parts.remember(relation.withId(record.offset()));
        }
      }
      case OPENED -> {
        if (body instanceof Generation(var id, LogOrigin opened)) {
          origin = opened;
          events.add(new LogEvent.Opened(id, opened, stateBehind(record)));
        }
      }
      case RESUMED -> {
        if (body instanceof Resume resume) {
          origin = resume.origin();
        }
        events.add(new LogEvent.Progressed(stateBehind(record)));
      }
      case PROGRESSED -> events.add(new LogEvent.Progressed(stateBehind(record)));
      case RELEASED ->
          events.add(
              new Transaction(stateBehind(record), rule.released(), parts, record.timestamp()));
      case GAP -> events.add(new LogEvent.Gap(rule.gap().orElseThrow()));
    }
  }

  private ReaderState stateBehind(ConsumerRecord<?, ?> record) {
    return rule.state(record.offset() + 1).orElseThrow();
  }

  /// Where the reader stands; empty until it has read a claim that a leader went on from.
  public Optional<ReaderState> state() {
    return rule.state(nextOffset);
  }

  /// Where the generation comes from; empty until the reader has read a record that says it.
  public Optional<LogOrigin> origin() {
    return Optional.ofNullable(origin);
  }

  /// The latest relation of each table that was read, by OID; at most 10 000 are remembered.
  public Map<Long, Relation> relations() {
    return parts.latest();
  }

  /// Why the reader has stopped releasing; empty while it releases.
  public Optional<String> gap() {
    return rule.gap();
  }

  /// The epoch of the latest claim read, -1 before the first.
  public long epoch() {
    return rule.epoch();
  }

  /// How many records were read that do not count: of dead or revived leaders, repeated, or behind
  /// a gap.
  public long ignored() {
    return rule.ignored();
  }

  /// How many Kafka offsets the reader is behind the log's end, as far as it knows.
  public OptionalLong lag() {
    return consumer.currentLag(partition);
  }

  /// The Kafka offset of the next record to read.
  public long nextOffset() {
    return nextOffset;
  }

  /// The Kafka offset behind the log's last record, asked of the broker.
  public long endOffset() {
    return requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
  }

  /// The Kafka offset of the oldest record that is retained, asked of the broker.
  public long beginOffset() {
    return requireNonNull(consumer.beginningOffsets(List.of(partition)).get(partition));
  }

  /// Makes a waiting [#poll] throw; may be called by any thread.
  public void wakeup() {
    consumer.wakeup();
  }

  /// Within 1 s, also on a thread that is interrupted: its interrupt would make the client give up
  /// half-way and log an error, and is there again afterwards.
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try {
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void seek(long offset) {
    consumer.seek(partition, offset);
    nextOffset = offset;
  }

  /// The offset of the last claim before `limit` that a leader went on from before it; empty where
  /// the log holds none.
  static OptionalLong latestClaimBefore(Map<String, ?> kafka, String topic, long limit) {
    try (LogReader reader = new LogReader(kafka, topic)) {
      long claim = reader.latestClaimUpTo(limit);
      return claim < 0 ? OptionalLong.empty() : OptionalLong.of(claim);
    }
  }

  private void seekToLatestClaim() {
    long claim = latestClaimUpTo(endOffset());
    seek(claim < 0 ? beginOffset() : claim);
  }

  private long latestClaimUpTo(long end) {
    long begin = beginOffset();
    long upper = end;
    for (long window = FIRST_WINDOW; upper > begin; window *= 2) {
      long lower = Math.max(begin, upper - window);
      Claims claims = new Claims();
      search(lower, upper, claims);
      if (claims.found < 0 && claims.orphan >= begin) {
        // Its claim stands in the window before.
        long orphan = claims.orphan;
        claims = new Claims();
        search(orphan, upper, claims);
      }
      if (claims.found >= 0) {
        return claims.found;
      }
      upper = lower;
    }
    return -1;
  }

  /// What a stretch of the log holds: the last claim that a generation or resume record of its
  /// leader follows, or such a record whose claim may stand before.
  private static final class Claims {
    private long claim = -1;
    private long leader;
    private long found = -1;
    private long orphan = -1;

    void accept(ConsumerRecord<byte[], byte[]> record) {
      LogCodec.Stamped stamped = LogCodec.decode(record.value());
      if (stamped.body() instanceof LogRecord.Claim) {
        claim = record.offset();
        leader = stamped.stamp().leader();
      } else if (stamped.body() instanceof Resume || stamped.body() instanceof Generation) {
        if (claim < 0) {
          orphan = stamped.stamp().epoch();
        } else if (stamped.stamp().epoch() == claim && stamped.stamp().leader() == leader) {
          found = claim;
        }
      }
    }
  }

  private void search(long from, long to, Claims claims) {
    LogStretch.read(
        consumer,
        partition,
        from,
        to,
        record -> {
          searched++;
          claims.accept(record);
        });
  }

  /// How many records were read to find the latest claim.
  long searched() {
    return searched;
  }
}
