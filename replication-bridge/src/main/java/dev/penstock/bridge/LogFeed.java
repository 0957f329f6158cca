package dev.penstock.bridge;

import dev.penstock.bridge.PgOutput.Begin;
import dev.penstock.bridge.PgOutput.Commit;
import dev.penstock.bridge.PgOutput.Deleted;
import dev.penstock.bridge.PgOutput.Described;
import dev.penstock.bridge.PgOutput.Emitted;
import dev.penstock.bridge.PgOutput.Inserted;
import dev.penstock.bridge.PgOutput.Irrelevant;
import dev.penstock.bridge.PgOutput.Truncated;
import dev.penstock.bridge.PgOutput.Updated;
import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.ResumePoint;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Feeds the log from the slot's messages, for one term. Used by one thread, but for what says
/// otherwise.
final class LogFeed {
  /// A reader that looks for the tail finds a claim within this many bytes of WAL messages.
  private static final long CLAIM_EVERY_BYTES = 256L << 20;

  private static final long PROGRESS_AT_ONCE_BYTES = 16L << 20;

  /// Every role may emit a message, and a prefix cannot be left out of the log as a content can.
  private static final int MAX_PREFIX_CHARACTERS = 256;

  private final LogWriter writer;
  private final Relations relations;
  private final String instance;
  private final LogOrigin origin;
  private final UUID generation;
  private final Replay replay;
  private final long progressNanos;
  private final BridgeMetrics metrics;
  private volatile @Nullable ResumePoint confirmable;
  private @Nullable Begin open;
  private boolean again;
  private int entries;
  private ResumePoint position;
  private long bytesSinceClaim;
  private long lastProgress = System.nanoTime();

  LogFeed(
      LogWriter writer,
      Relations relations,
      String instance,
      LogOrigin origin,
      UUID generation,
      ResumePoint start,
      Replay replay,
      Duration progressEvery,
      BridgeMetrics metrics) {
    this.writer = writer;
    this.relations = relations;
    this.instance = instance;
    this.origin = origin;
    this.generation = generation;
    this.position = start;
    this.replay = replay;
    this.progressNanos = progressEvery.toNanos();
    this.metrics = metrics;
  }

  /// Takes one message.
  ///
  /// @return the transaction that ended with it, else null; nor is one that the log has already
  @Nullable ResumePoint accept(ByteBuffer message) throws SQLException, InterruptedException {
    bytesSinceClaim += message.remaining();
    metrics.bytes(message.remaining());
    switch (PgOutputDecoder.decode(message)) {
      case Inserted(long oid, var row) -> change(new LogEntry.Insert(relations.get(oid), row));
      case Updated updated ->
          change(new LogEntry.Update(relations.get(updated.oid()), updated.old(), updated.row()));
      case Deleted(long oid, var old) -> change(new LogEntry.Delete(relations.get(oid), old));
      case Begin begin -> {
        if (open != null) {
          throw new IllegalStateException("pgoutput began a transaction within another");
        }
        open = begin;
        again = replay.has(begin.commitLsn());
      }
      case Commit commit -> {
        return commit(commit);
      }
      case Described described -> relations.describe(described, begun().xid());
      case Truncated(List<Long> oids, boolean cascade, boolean restart) ->
          add(new LogEntry.Truncate(oids.stream().map(relations::get).toList(), cascade, restart));
      case Emitted emitted -> emitted(emitted);
      case Irrelevant _ -> {}
    }
    return null;
  }

  private void emitted(Emitted emitted) {
    if (!emitted.transactional()) {
      metrics.ignored("not transactional");
      return;
    }
    if (emitted.prefix().length() > MAX_PREFIX_CHARACTERS) {
      metrics.ignored("long prefix");
      return;
    }
    switch (emitted.prefix()) {
      case Outbox.DDL ->
          DdlMessage.accept(emitted.content())
              .ifPresentOrElse(
                  command -> add(new LogEntry.Ddl(command)), () -> metrics.ignored("invalid ddl"));
      default -> add(new LogEntry.Message(emitted.prefix(), emitted.content()));
    }
  }

  private void change(LogEntry entry) {
    add(entry);
    metrics.row();
  }

  private void add(LogEntry entry) {
    var _ = begun();
    if (!again) {
      writer.add(entry);
    }
    entries++;
  }

  private Begin begun() {
    Begin begun = open;
    if (begun == null) {
      throw new IllegalStateException("pgoutput sent a change outside of a transaction");
    }
    return begun;
  }

  private @Nullable ResumePoint commit(Commit commit) {
    ResumePoint point = new ResumePoint(commit.endLsn(), begun().xid(), commit.commitMicros());
    if (again) {
      replay.passed(point, entries > 0);
    } else if (entries > 0) {
      writer.commit(point, false);
      position = point;
      metrics.transaction(commit.commitMicros());
    }
    // Without an entry it is of no concern to the log: idle progress passes it.
    open = null;
    entries = 0;
    if (bytesSinceClaim >= CLAIM_EVERY_BYTES) {
      renewClaim();
    }
    return again ? null : point;
  }

  private void renewClaim() {
    long epoch = writer.claim(instance);
    writer.resume(
        new ReaderState(epoch + 1, generation, epoch, 0, writer.number(), position), origin);
    relations.repeat();
    bytesSinceClaim = 0;
    metrics.epoch(epoch);
  }

  /// Everything that the walsender has decoded up to `lsn` has been read: between transactions, now
  /// and then, this too goes through the log, so that Postgres may forget what concerns no one.
  void dry(long lsn) {
    if (open != null) {
      return;
    }
    replay.reached(lsn);
    if (Long.compareUnsigned(lsn, position.commitLsn()) <= 0) {
      return;
    }
    long now = System.nanoTime();
    long passed = lsn - position.commitLsn();
    if (now - lastProgress >= progressNanos || passed >= PROGRESS_AT_ONCE_BYTES) {
      lastProgress = now;
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      position = new ResumePoint(lsn, 0, micros);
      writer.progress(position);
    }
  }

  /// What the log has acknowledged; by any thread.
  Optional<ResumePoint> acknowledged() {
    return writer.acknowledged();
  }

  /// Of the last record that the log has acknowledged; by any thread.
  long acknowledgedOffset() {
    return writer.acknowledgedOffset();
  }

  /// The lead was still held when the log had acknowledged this, so no later claim precedes it; by
  /// any thread.
  void held(ResumePoint point) {
    confirmable = point;
  }

  /// Up to where Postgres may forget; by any thread. Nothing as long as it is not known whether the
  /// log is of its history: the next leader, too, must be able to find out.
  Optional<ResumePoint> confirmable() {
    return replay.over() ? Optional.ofNullable(confirmable) : Optional.empty();
  }

  /// Throws if the term is over because the log did not take a record; by any thread.
  void requireAlive() {
    writer
        .failure()
        .ifPresent(cause -> {
          throw new IllegalStateException("the log did not take a record", cause);
        });
  }

  /// The slot sends from here on; before the first message.
  void from(long lsn) {
    replay.from(lsn);
  }

  /// Behind which the log goes on; before the first message.
  ResumePoint position() {
    return position;
  }
}
