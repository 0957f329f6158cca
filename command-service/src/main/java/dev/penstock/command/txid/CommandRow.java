package dev.penstock.command.txid;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A committed command, as `commands` has it.
///
/// @param xid the 64-bit xid8
/// @param accepted when the command-service had read it; null for those of before V6
/// @param begun when its transaction began
/// @param committed null unless Postgres tracks commit timestamps
/// @param walLsn the WAL's insert position after its commit was seen: the commit is before it
record CommandRow(
    long xid,
    String kind,
    UUID requestId,
    String owner,
    @Nullable Instant accepted,
    Instant begun,
    @Nullable Instant committed,
    long walLsn) {
  /// The unsigned 32-bit xid, as the caller got it.
  long txid() {
    return xid & 0xFFFF_FFFFL;
  }

  CommandRow at(long earlierLsn) {
    return new CommandRow(xid, kind, requestId, owner, accepted, begun, committed, earlierLsn);
  }
}
