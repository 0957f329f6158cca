package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.shapes.shape.Batch;
import dev.penstock.shapes.shape.ChangeWriter;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.Offset;
import dev.penstock.shapes.shape.ShapeDefinition;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Evaluates transactions again for one request that is behind its feed.
final class Scan {
  private static final Logger log = LoggerFactory.getLogger(Scan.class);

  private final Handle handle;
  private final Relation table;
  private final ChangeWriter writer;
  private final Rotations rotations = new Rotations();
  private final List<Chunk.Slice> slices = new ArrayList<>();
  private final long limit;
  private final Offset after;
  private Offset end;
  private long written;
  private boolean full;
  private boolean rotated;
  private boolean delivered;
  private long lsn;
  private long xid;
  private long seq;

  Scan(ShapeDefinition shape, Handle handle, Offset after, long limit) {
    this.handle = handle;
    this.table = shape.table();
    this.limit = limit;
    this.after = after;
    this.end = after;
    writer = new ChangeWriter(shape);
  }

  /// Adds a transaction that lies behind, or at, the offset.
  ///
  /// @return whether to go on
  boolean accept(Transaction transaction) {
    if (transaction.snapshot()) {
      return true;
    }
    begin(transaction);
    transaction.forEach(this::change);
    return finish();
  }

  /// Begins a transaction whose entries are given to [#change].
  void begin(Transaction transaction) {
    lsn = transaction.commitLsn();
    xid = transaction.txid();
    seq = 0;
    delivered = handle.delivers(lsn, xid);
    writer.begin(lsn, xid);
  }

  void change(LogEntry entry) {
    if (!(entry instanceof LogEntry.RowChange change)) {
      rotations.add(entry, lsn, xid);
      return;
    }
    long op = 2 * seq++;
    if (entry instanceof LogEntry.Oversize) {
      rotations.add(entry, lsn, xid);
    }
    boolean ours = delivered && change.relation().oid() == table.oid();
    boolean seen = lsn == after.lsn() && op <= after.op();
    if (ours && !seen && !full) {
      int before = writer.count();
      rotated |= !add(change, op);
      // Two messages beyond the limit, so that there is a place to cut.
      full = written + writer.length() > limit && writer.count() > before && before > 1;
    }
  }

  /// Ends the transaction.
  ///
  /// @return whether to go on
  boolean finish() {
    if (rotated || rotations.rotate(handle, table)) {
      rotated = true;
      return false;
    }
    Batch batch = writer.end(!full);
    int cut = full ? batch.cut(0, limit - written) : batch.count();
    if (cut > 0) {
      slices.add(new Chunk.Slice(batch.json(), 0, batch.end(cut - 1) + 1));
      written += batch.end(cut - 1);
      end = new Offset(lsn, batch.op(cut - 1));
    }
    full |= written >= limit;
    return !full;
  }

  private boolean add(LogEntry.RowChange change, long op) {
    try {
      return writer.add(change, op);
    } catch (RuntimeException e) {
      log.atWarn().setCause(e).log("a change could not be evaluated for a shape");
      return false;
    }
  }

  boolean isRotated() {
    return rotated;
  }

  /// Whether nothing more can be added, of this transaction or another.
  boolean isFull() {
    return full;
  }

  /// A chunk that ends with what was added.
  Chunk partial() {
    return new Chunk(slices, end, false, 0);
  }

  /// A chunk that ends behind everything up to a position, though it is not the last.
  Chunk upTo(long position) {
    Offset reached = new Offset(position, Offset.INF);
    return new Chunk(slices, reached.compareTo(end) > 0 ? reached : end, false, 0);
  }

  List<Chunk.Slice> slices() {
    return slices;
  }

  Offset end() {
    return end;
  }
}
