package dev.penstock.shapes.shape;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogEntry.Delete;
import dev.penstock.contracts.log.LogEntry.Insert;
import dev.penstock.contracts.log.LogEntry.Oversize;
import dev.penstock.contracts.log.LogEntry.SnapshotRow;
import dev.penstock.contracts.log.LogEntry.Update;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.shapes.where.Expr;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Turns one transaction's changes into a shape's messages: who enters, who leaves, what changed.
/// Not thread-safe.
public final class ChangeWriter {
  private static final byte[] LAST = "\"last\":true,".getBytes(UTF_8);

  private final ShapeDefinition shape;
  private final RowWriter rows;
  private final JsonBytes json = new JsonBytes(1 << 10);
  private Batch.Builder batch = new Batch.Builder();
  private byte[] position = new byte[0];
  private byte[] txids = new byte[0];
  private int lastHeaders;
  private long knownRelation = Long.MIN_VALUE;
  private boolean described;

  public ChangeWriter(ShapeDefinition shape) {
    this.shape = shape;
    rows = new RowWriter(shape);
  }

  /// Begins a transaction.
  public void begin(long commitLsn, long xid) {
    discard();
    position =
        (",\"lsn\":\"" + Long.toUnsignedString(commitLsn) + "\",\"op_position\":").getBytes(UTF_8);
    txids = (",\"txids\":[" + xid + "]").getBytes(UTF_8);
  }

  /// The bytes written since [#begin].
  public int length() {
    return json.length();
  }

  /// How many messages were written since [#begin].
  public int count() {
    return batch.count();
  }

  /// Adds what the change means to the shape, perhaps nothing.
  ///
  /// @param op twice the change's number within its transaction
  /// @return false if the change cannot be told to a client: the shape has to be fetched again
  public boolean add(LogEntry.RowChange change, long op) {
    Relation relation = change.relation();
    if (relation.id() != knownRelation) {
      described = shape.describes(relation);
      knownRelation = relation.id();
    }
    if (!described) {
      return false;
    }
    return switch (change) {
      case Insert insert -> {
        if (holds(insert.row())) {
          insert(insert.row(), op, null);
        }
        yield true;
      }
      case Delete delete -> {
        if (!"f".equals(change.relation().replicaIdentity())) {
          yield false;
        }
        if (holds(delete.old())) {
          delete(delete.old(), op, null);
        }
        yield true;
      }
      case Update update -> {
        Tuple old = update.old();
        if (old == null || !"f".equals(change.relation().replicaIdentity())) {
          yield false;
        }
        update(old, update.row().withUnchangedFrom(old), op);
        yield true;
      }
      // Says what is, not what happened: every snapshot of a shape is newer.
      case SnapshotRow _ -> true;
      case Oversize _ -> false;
    };
  }

  /// Ends the transaction.
  ///
  /// @param whole whether nothing more of it follows for this shape
  public Batch end(boolean whole) {
    if (whole && batch.count() > 0) {
      json.insert(lastHeaders, LAST);
    }
    Batch built = batch.build(json.toArray());
    discard();
    return built;
  }

  /// Forgets what was written of the transaction.
  public void discard() {
    json.clear();
    batch = new Batch.Builder();
  }

  private boolean holds(Tuple row) {
    Expr where = shape.where();
    return where == null || where.holds(row::text);
  }

  private void update(Tuple old, Tuple row, long op) {
    boolean was = holds(old);
    boolean is = holds(row);
    if (was && is) {
      if (rows.sameSelected(old, row)) {
        return;
      }
      if (!rows.sameKey(old, row)) {
        delete(old, op, row);
        insert(row, op + 1, old);
      } else {
        change(old, row, op);
      }
    } else if (was) {
      delete(old, op, null);
    } else if (is) {
      insert(row, op, null);
    }
  }

  private void insert(Tuple row, long op, @Nullable Tuple movedFrom) {
    open(op);
    rows.value(json, row);
    close(row, "insert", op, "key_change_from", movedFrom);
  }

  private void delete(Tuple old, long op, @Nullable Tuple movedTo) {
    open(op);
    boolean keyOnly = rows.keyed() && (movedTo != null || !shape.fullReplica());
    rows.value(json, "value", old, keyOnly ? rows::isKey : _ -> true);
    close(old, "delete", op, "key_change_to", movedTo);
  }

  private void change(Tuple old, Tuple row, long op) {
    IntPredicate changed = column -> !old.sameValue(column, row);
    open(op);
    if (shape.fullReplica()) {
      rows.value(json, row);
      json.raw(',');
      rows.value(json, "old_value", old, changed);
    } else {
      rows.value(json, "value", row, column -> rows.isKey(column) || changed.test(column));
    }
    close(row, "update", op, "", null);
  }

  private void open(long op) {
    batch.start(op, json.length());
    json.raw('{');
  }

  private void close(
      Tuple keyed, String operation, long op, String moved, @Nullable Tuple counterpart) {
    json.raw(',');
    rows.key(json, keyed);
    json.raw(",\"headers\":{");
    lastHeaders = json.length();
    json.raw(rows.relation()).raw(",\"operation\":\"").raw(operation).raw('"');
    if (counterpart != null) {
      json.raw(",\"").raw(moved).raw("\":");
      rows.keyText(json, counterpart);
    }
    json.raw(position).raw(Long.toString(op)).raw(txids).raw("}},");
  }
}
