package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogRecord.Claim;
import dev.penstock.contracts.log.LogRecord.End;
import dev.penstock.contracts.log.LogRecord.Generation;
import dev.penstock.contracts.log.LogRecord.Progress;
import dev.penstock.contracts.log.LogRecord.RelationRecord;
import dev.penstock.contracts.log.LogRecord.Resume;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// The one writer of the log, for one term of one leader: claim, then open a generation or resume,
/// then append.
///
/// Any failed send ends the term: nothing is sent after it and nothing is acknowledged after it,
/// since an idempotent producer that gives one batch up goes on with the next. So does a foreign
/// record in between: a claim of another leader, however late it comes, makes all that follows it
/// not count, and the offsets of a term's own records tell. Not thread-safe, but for
/// [#acknowledged] and [#failure].
public final class LogWriter implements AutoCloseable {
  /// Entries are collected into one Kafka record up to about this size.
  private static final int PART_BYTES = 256 << 10;

  /// The largest entry; a larger row becomes [LogEntry.Oversize].
  static final int MAX_ENTRY_BYTES = LogTopic.MAX_RECORD_BYTES - (1 << 20);

  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final long leader = ThreadLocalRandom.current().nextLong();
  private final AtomicReference<@Nullable ResumePoint> acknowledged = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /// Of the producer's own thread, which calls back in the order of the records.
  private volatile long lastOffset = -1;

  /// Collects every piece, and keeps its array: what is sent is a copy.
  private final Output collecting = new Output(PART_BYTES / 16);

  private UUID generation = Stamp.NO_GENERATION;
  private long epoch = -1;
  private long number;
  private @Nullable Output part;
  private int partCount;
  private int entries;
  private int seq;

  /// @param kafka the producer's configuration, `bootstrap.servers` at least; what the guarantees
  ///   need is set here
  public LogWriter(Map<String, ?> kafka, String topic) {
    this.topic = topic;
    Map<String, Object> config = new HashMap<>(kafka);
    config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    config.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
    config.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 5);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, PART_BYTES);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LogTopic.MAX_RECORD_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 3L * LogTopic.MAX_RECORD_BYTES);
    producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /// Goes the way of a claim as far as it can be gone without writing anything, so that the first
  /// one of this JVM is not slow.
  public void rehearse() {
    var _ = LogCodec.decode(LogCodec.encode(stamp(), new Claim("", 0)));
    var _ = producer.partitionsFor(topic);
  }

  /// Begins, or renews, the term. From the claim's acknowledgement on, nothing that an earlier
  /// leader appends counts.
  ///
  /// @param instance who claims, for people
  /// @return the claim's Kafka offset, which is the epoch
  public long claim(String instance) {
    if (part != null) {
      throw new IllegalStateException("a claim stands between transactions");
    }
    Claim claim = new Claim(instance, System.currentTimeMillis() * 1_000);
    epoch = await(send(LogCodec.encode(new Stamp(Stamp.NO_GENERATION, -1, leader), claim), null));
    return epoch;
  }

  /// Opens a new generation: numbers start again at 1.
  public UUID open(LogOrigin origin) {
    generation = UUID.randomUUID();
    number = 0;
    ResumePoint start = new ResumePoint(origin.startLsn(), 0, 0);
    await(send(LogCodec.encode(stamp(), new Generation(generation, origin)), start));
    return generation;
  }

  /// Goes on behind what the reader's rule found in the log up to the claim.
  ///
  /// @param origin the generation's, repeated for the next takeover
  public void resume(ReaderState tail, LogOrigin origin) {
    generation = tail.generation();
    number = tail.number();
    Resume resume = new Resume(tail.number(), tail.point(), origin);
    await(send(LogCodec.encode(stamp(), resume), tail.point()));
  }

  /// Appends a relation and waits for its acknowledgement, since changes refer to it by its offset.
  ///
  /// @return the relation with its id
  public Relation append(Relation relation) {
    return relation.withId(
        await(send(LogCodec.encode(stamp(), new RelationRecord(relation)), null)));
  }

  /// Adds to the open transaction, or opens the next one. Sends what has become a record's size.
  public void add(LogEntry added) {
    boolean row = added instanceof LogEntry.RowChange;
    long bytes = Oversized.atLeast(added);
    if (bytes > PART_BYTES) {
      addLarge(added, bytes);
    } else {
      Output target = part == null ? startPart(collecting) : part;
      int before = target.length();
      EntryCodec.encode(target, added);
      if (target.length() > PART_BYTES && partCount > 0) {
        byte[] overhang = target.cut(before);
        sendPart(null);
        startPart(collecting).putBytes(overhang, 0, overhang.length);
      }
    }
    partCount++;
    entries++;
    seq += row ? 1 : 0;
  }

  /// A row can be many times as large as a record: such a one is not even encoded. One that fits
  /// gets a piece of its own, of its size.
  private void addLarge(LogEntry added, long bytes) {
    if (part != null) {
      sendPart(null);
    }
    long refused = bytes;
    if (bytes <= MAX_ENTRY_BYTES) {
      Output alone = startPart(new Output((int) bytes + (int) (bytes >> 8)));
      int before = alone.length();
      EntryCodec.encode(alone, added);
      refused = (long) alone.length() - before;
    }
    if (refused > MAX_ENTRY_BYTES) {
      EntryCodec.encode(startPart(collecting), Oversized.of(added, refused));
    }
  }

  private Output startPart(Output target) {
    target.truncate(0);
    LogCodec.startPart(target, stamp(), number + 1, entries, seq);
    part = target;
    return target;
  }

  /// Forgets the open transaction: the source begins it again. What of it was sent already, no
  /// reader releases.
  public void discard() {
    part = null;
    partCount = 0;
    entries = 0;
    seq = 0;
  }

  /// Ends the open transaction. It counts once [#acknowledged] has reached its commit LSN.
  ///
  /// @return the transaction's number
  public long commit(ResumePoint point, boolean snapshot) {
    if (part == null) {
      var _ = startPart(collecting);
    }
    sendPart(new End(entries, point, snapshot));
    number++;
    discard();
    return number;
  }

  /// Records that the database moved on without a change that concerns the log.
  public void progress(ResumePoint point) {
    var _ = send(LogCodec.encode(stamp(), new Progress(point)), point);
  }

  /// The last position that the log has acknowledged in this term: Postgres may forget its WAL up
  /// to there, and no further.
  public Optional<ResumePoint> acknowledged() {
    return Optional.ofNullable(acknowledged.get());
  }

  /// Of the last record that the log has acknowledged in this term, -1 before the first; by any
  /// thread.
  public long acknowledgedOffset() {
    return lastOffset;
  }

  /// Why the term ended; empty while it lasts.
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure.get());
  }

  /// The number of the last transaction committed here; acknowledged or not.
  public long number() {
    return number;
  }

  /// Waits until everything sent is acknowledged or has failed.
  public void flush() {
    producer.flush();
  }

  /// Sends nothing more; waits up to a second for what is under way.
  @Override
  public void close() {
    failure.compareAndSet(null, new IllegalStateException("the writer is closed"));
    producer.close(Duration.ofSeconds(1));
  }

  private Stamp stamp() {
    if (epoch < 0) {
      throw new IllegalStateException("the log is not claimed");
    }
    return new Stamp(generation, epoch, leader);
  }

  private void sendPart(@Nullable End end) {
    Output full = java.util.Objects.requireNonNull(part);
    LogCodec.finishPart(full, partCount, end);
    var _ = send(full.toArray(), end == null ? null : end.point());
    part = null;
    partCount = 0;
  }

  private Future<RecordMetadata> send(byte[] value, @Nullable ResumePoint reached) {
    requireAlive();
    try {
      return producer.send(
          new ProducerRecord<>(topic, 0, null, value),
          (sent, error) -> {
            if (error != null) {
              failure.compareAndSet(null, error);
            } else {
              written(sent.offset(), reached);
            }
          });
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
      throw new LogWriteException("the log did not take a record", e);
    }
  }

  private void written(long offset, @Nullable ResumePoint reached) {
    if (lastOffset >= 0 && offset != lastOffset + 1) {
      failure.compareAndSet(
          null, new IllegalStateException("someone else wrote to the log before offset " + offset));
    }
    lastOffset = offset;
    if (reached != null && failure.get() == null) {
      acknowledged.set(reached);
    }
  }

  private long await(Future<RecordMetadata> sent) {
    try {
      long offset = sent.get().offset();
      // The producer calls back before its future is done.
      requireAlive();
      return offset;
    } catch (ExecutionException e) {
      throw new LogWriteException("the log did not acknowledge a record", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure.compareAndSet(null, e);
      throw new LogWriteException("interrupted while the log was to acknowledge a record", e);
    }
  }

  private void requireAlive() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new LogWriteException("the leader's term has ended", cause);
    }
  }
}
