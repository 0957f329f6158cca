package dev.penstock.contracts.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a transaction did, in the order in which it did it.
public sealed interface LogEntry {
  /// A published change of one row. The first has `seq` 0; only these are counted by it.
  sealed interface RowChange extends LogEntry {
    Relation relation();
  }

  record Insert(Relation relation, Tuple row) implements RowChange {}

  /// A row changed.
  ///
  /// @param old the whole old row with REPLICA IDENTITY FULL, else the old key if it changed, else
  ///   null
  record Update(Relation relation, @Nullable Tuple old, Tuple row) implements RowChange {}

  /// A row went.
  ///
  /// @param old the whole old row with REPLICA IDENTITY FULL, else its key with nulls beside
  record Delete(Relation relation, Tuple old) implements RowChange {}

  /// A row that a generation's opening snapshot found: it says what is, not what happened.
  record SnapshotRow(Relation relation, Tuple row) implements RowChange {}

  /// A row too large for a record of the log: the change happened, its values are not here.
  ///
  /// @param operation `insert`, `update`, `delete` or `snapshot`
  /// @param key the primary key's values, and others of up to [#MAX_KEPT_BYTES], among which may be
  ///   the one that decides a partition; null elsewhere, which says nothing of the row
  /// @param bytes at least so many were refused
  record Oversize(Relation relation, String operation, Tuple key, long bytes) implements RowChange {
    public static final int MAX_KEPT_BYTES = 256;
  }

  record Truncate(List<Relation> relations, boolean cascade, boolean restartIdentity)
      implements LogEntry {
    public Truncate {
      relations = List.copyOf(relations);
    }
  }

  /// A schema change, reported by the migrations' event trigger.
  ///
  /// @param command JSON `{tag, type, schema, identity, oid, dropped}`
  record Ddl(String command) implements LogEntry {}

  /// A transactional `pg_logical_emit_message`. Two messages are not compared, so the array does no
  /// harm.
  @SuppressWarnings("ArrayRecordComponent")
  record Message(String prefix, byte[] content) implements LogEntry {}
}
