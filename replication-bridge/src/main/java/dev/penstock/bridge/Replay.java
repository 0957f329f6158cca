package dev.penstock.bridge;

import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.ResumePoint;
import java.util.Optional;
import java.util.function.Consumer;

/// What the slot sends although the log has it, since it was confirmed later than it was written:
/// left out, and compared with the log.
///
/// A database restored from a copy of its files has the log's system identifier and timeline, and
/// as soon as it has written enough, an LSN beyond the log's end. That its history is another shows
/// only in its transactions. Used by one thread, but for [#over].
final class Replay {
  private final long tail;
  private final long since;
  private final Optional<ResumePoint> last;
  private final Consumer<String> refuted;
  private long confirmed;
  private Optional<ResumePoint> seen = Optional.empty();
  private volatile boolean over;

  /// @param tail where the log ends
  /// @param since behind this LSN, `last` is known
  /// @param last the log's last transaction; empty if it has none behind `since`
  /// @param refuted told why the log is of another history
  Replay(long tail, long since, Optional<ResumePoint> last, Consumer<String> refuted) {
    this.tail = tail;
    this.since = since;
    this.last = last;
    this.refuted = refuted;
  }

  /// Before the first message.
  ///
  /// @param lsn from where the slot sends
  void from(long lsn) {
    confirmed = lsn;
  }

  /// Whether the log has the transaction that begins.
  ///
  /// @param commitLsn the start of its commit record
  boolean has(long commitLsn) {
    reached(commitLsn);
    return !over;
  }

  /// A transaction that the log should have has ended.
  ///
  /// @param entries whether there is anything in it for the log
  void passed(ResumePoint point, boolean entries) {
    if (after(point.commitLsn(), tail)) {
      throw refute("the log ends at %s, within a commit of Postgres".formatted(Lsn.format(tail)));
    }
    boolean known =
        after(point.commitLsn(), since)
            || last.filter(end -> end.commitLsn() == point.commitLsn()).isPresent();
    if (entries && known) {
      seen = Optional.of(point);
    }
  }

  /// Everything before `lsn` was sent.
  void reached(long lsn) {
    if (over || after(tail, lsn)) {
      return;
    }
    Optional<ResumePoint> expected = last.filter(point -> after(point.commitLsn(), confirmed));
    if (!seen.equals(expected)) {
      throw refute(
          "the log's last transaction is %s and that of Postgres up to there is %s"
              .formatted(text(expected), text(seen)));
    }
    over = true;
  }

  /// Whether the slot may be confirmed; by any thread.
  boolean over() {
    return over;
  }

  private IllegalStateException refute(String difference) {
    String reason = difference + ": it was restored";
    refuted.accept(reason);
    return new IllegalStateException(reason);
  }

  private static String text(Optional<ResumePoint> point) {
    return point
        .map(end -> "%d at %s".formatted(end.xid(), Lsn.format(end.commitLsn())))
        .orElse("none");
  }

  private static boolean after(long one, long other) {
    return Long.compareUnsigned(one, other) > 0;
  }
}
