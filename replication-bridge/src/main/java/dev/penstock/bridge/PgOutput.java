package dev.penstock.bridge;

import dev.penstock.contracts.log.Tuple;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message of Postgres' `pgoutput` plugin, protocol version 1.
sealed interface PgOutput {
  /// Microseconds from 1970-01-01 to 2000-01-01, where Postgres' clock begins.
  long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

  /// A committed transaction's changes follow.
  ///
  /// @param commitLsn the start of the commit record
  /// @param commitMicros since 1970-01-01 UTC
  /// @param xid unsigned 32 bits
  record Begin(long commitLsn, long commitMicros, long xid) implements PgOutput {}

  /// The transaction is whole.
  ///
  /// @param endLsn the end of the commit record: the position in the log
  /// @param commitMicros since 1970-01-01 UTC
  record Commit(long endLsn, long commitMicros) implements PgOutput {}

  /// A table's published columns, before the first change that has them.
  record Described(
      long oid, String schema, String table, String replicaIdentity, List<Field> fields)
      implements PgOutput {}

  /// A column.
  ///
  /// @param key whether the column belongs to the replica identity
  record Field(boolean key, String name, long typeOid, int typeModifier) {}

  record Inserted(long oid, Tuple row) implements PgOutput {}

  record Updated(long oid, @Nullable Tuple old, Tuple row) implements PgOutput {}

  record Deleted(long oid, Tuple old) implements PgOutput {}

  record Truncated(List<Long> oids, boolean cascade, boolean restartIdentity) implements PgOutput {}

  /// `pg_logical_emit_message`. Two messages are not compared, so the array does no harm.
  @SuppressWarnings("ArrayRecordComponent")
  record Emitted(boolean transactional, String prefix, byte[] content) implements PgOutput {}

  /// A message that the log has no use for: a type's name or an origin.
  record Irrelevant(char kind) implements PgOutput {}
}
