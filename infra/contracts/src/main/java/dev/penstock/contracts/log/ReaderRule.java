package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogRecord.Claim;
import dev.penstock.contracts.log.LogRecord.End;
import dev.penstock.contracts.log.LogRecord.Generation;
import dev.penstock.contracts.log.LogRecord.Part;
import dev.penstock.contracts.log.LogRecord.Progress;
import dev.penstock.contracts.log.LogRecord.RelationRecord;
import dev.penstock.contracts.log.LogRecord.Resume;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Decides which records of the log count, and when a transaction is released. A pure state
/// machine: readers, the router and a new leader that looks for the tail all decide by it, so they
/// cannot disagree.
final class ReaderRule {
  /// What a record did to the reader.
  enum Outcome {
    /// It does not count: of an older term, of another history, repeated, or behind a gap.
    IGNORED,
    /// It counts, and nothing is released yet.
    PENDING,
    CLAIMED,
    OPENED,
    RESUMED,
    RELATION,
    RELEASED,
    PROGRESSED,
    GAP
  }

  private UUID generation = Stamp.NO_GENERATION;
  private long epoch = -1;
  private long leader;
  private boolean resumed;
  private long number;
  private boolean snapshotDue;
  private @Nullable ResumePoint point;
  private @Nullable OpenTransaction open;
  private @Nullable String gap;
  private long ignored;

  ReaderRule() {}

  ReaderRule(ReaderState state) {
    generation = state.generation();
    epoch = state.epoch();
    leader = state.leader();
    number = state.number();
    point = state.point();
    resumed = true;
  }

  Outcome accept(long offset, Stamp stamp, LogRecord record) {
    if (record instanceof Claim) {
      epoch = offset;
      leader = stamp.leader();
      resumed = false;
      open = null;
      return Outcome.CLAIMED;
    }
    if (stamp.epoch() != epoch || stamp.leader() != leader) {
      requireWhole(offset, stamp);
      return ignore();
    }
    if (record instanceof Generation opened) {
      generation = opened.id();
      number = 0;
      snapshotDue = opened.origin().hasSnapshot();
      point = new ResumePoint(opened.origin().startLsn(), 0, 0);
      resumed = true;
      open = null;
      gap = null;
      return Outcome.OPENED;
    }
    if (record instanceof Resume resume) {
      return resume(stamp, resume);
    }
    if (!resumed || gap != null || !stamp.generation().equals(generation)) {
      return ignore();
    }
    return switch (record) {
      case RelationRecord _ -> Outcome.RELATION;
      case Part part -> part(offset, part);
      case Progress progress -> progress(progress);
      case Claim _, Generation _, Resume _ -> throw new IllegalStateException("handled above");
    };
  }

  /// The transaction that the last record released.
  OpenTransaction released() {
    return Objects.requireNonNull(open, "nothing is released");
  }

  /// Where the reader stands when it has read everything before `nextOffset`; empty before the
  /// first generation or claim is known. Within a transaction that is before its first piece, since
  /// a state does not hold the pieces.
  Optional<ReaderState> state(long nextOffset) {
    ResumePoint at = point;
    OpenTransaction pending = open;
    long next =
        pending == null || pending.end() != null ? nextOffset : pending.offsets().getFirst();
    return at == null
        ? Optional.empty()
        : Optional.of(new ReaderState(next, generation, epoch, leader, number, at));
  }

  /// Why the reader has stopped releasing; empty while it releases.
  Optional<String> gap() {
    return Optional.ofNullable(gap);
  }

  long epoch() {
    return epoch;
  }

  /// How many records did not count.
  long ignored() {
    return ignored;
  }

  private Outcome resume(Stamp stamp, Resume resume) {
    if (point == null) {
      generation = stamp.generation();
      number = resume.number();
      point = resume.point();
    } else if (!stamp.generation().equals(generation)) {
      // The record that opened it was not read: the log was cut and has grown past this reader's
      // place since. No later claim could heal that.
      throw new LogTruncatedException(
          "the log goes on in generation %s, and what lies between it and %s is gone"
              .formatted(stamp.generation(), generation));
    } else if (resume.number() != number || !resume.point().equals(point)) {
      return gap(
          "the leader of epoch %d resumes generation %s behind transaction %d at %s, this reader stands in %s behind %d at %s"
              .formatted(
                  epoch,
                  stamp.generation(),
                  resume.number(),
                  Lsn.format(resume.point().commitLsn()),
                  generation,
                  number,
                  Lsn.format(point.commitLsn())));
    }
    snapshotDue = number == 0 && resume.origin().hasSnapshot();
    resumed = true;
    gap = null;
    return Outcome.RESUMED;
  }

  private Outcome part(long offset, Part part) {
    if (part.number() <= number) {
      return ignore();
    }
    if (part.firstEntry() == 0) {
      open = new OpenTransaction(part.number());
    }
    OpenTransaction collecting = open;
    if (collecting == null
        || collecting.number() != part.number()
        || collecting.entries() != part.firstEntry()) {
      open = null;
      return part.end() == null
          ? ignore()
          : gap("transaction %d lacks pieces".formatted(part.number()));
    }
    collecting.add(offset, part);
    End end = part.end();
    if (end == null) {
      return Outcome.PENDING;
    }
    if (end.entries() != collecting.entries()) {
      return gap(
          "transaction %d has %d entries and says it has %d"
              .formatted(part.number(), collecting.entries(), end.entries()));
    }
    if (part.number() != number + 1) {
      return gap("transaction %d follows transaction %d".formatted(part.number(), number));
    }
    ResumePoint last = Objects.requireNonNull(point);
    if (snapshotDue && !end.snapshot()) {
      return gap("the generation's snapshot was not written to its end");
    }
    // A generation's opening snapshot stands where the generation starts.
    boolean opening = end.snapshot() && number == 0;
    int order = Long.compareUnsigned(end.point().commitLsn(), last.commitLsn());
    if (order < 0 || (order == 0 && !opening)) {
      return gap(
          "transaction %d at %s is not behind %s"
              .formatted(
                  part.number(),
                  Lsn.format(end.point().commitLsn()),
                  Lsn.format(last.commitLsn())));
    }
    number = part.number();
    snapshotDue = false;
    point = end.point();
    return Outcome.RELEASED;
  }

  private Outcome progress(Progress progress) {
    if (snapshotDue) {
      return gap("the generation's snapshot was not written to its end");
    }
    open = null;
    ResumePoint last = Objects.requireNonNull(point);
    if (Long.compareUnsigned(progress.point().commitLsn(), last.commitLsn()) < 0) {
      return gap(
          "progress at %s is before %s"
              .formatted(Lsn.format(progress.point().commitLsn()), Lsn.format(last.commitLsn())));
    }
    point = progress.point();
    return Outcome.PROGRESSED;
  }

  /// Who reads every record reads every claim. A record of a claim that was not read is in a log
  /// that was cut behind the reader's back, and written anew.
  private void requireWhole(long offset, Stamp stamp) {
    boolean unread = stamp.epoch() > epoch && stamp.epoch() < offset;
    if (epoch >= 0 && (unread || stamp.epoch() == epoch)) {
      throw new LogTruncatedException(
          "the log lost what it held before offset %d, and was written anew".formatted(offset));
    }
  }

  private Outcome ignore() {
    ignored++;
    return Outcome.IGNORED;
  }

  private Outcome gap(String reason) {
    open = null;
    gap = reason;
    return Outcome.GAP;
  }
}
