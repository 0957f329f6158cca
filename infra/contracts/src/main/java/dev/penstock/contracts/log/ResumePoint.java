package dev.penstock.contracts.log;

/// Where the source goes on: behind the transaction that ended at `commitLsn`.
///
/// These are the fields of the reduced Debezium offset `{lsn, lsn_commit, txId, ts_usec}`, where
/// both LSNs are `commitLsn`. Debezium's stock offset must never be used instead: with it, 3.6.1
/// silently loses rows of a transaction that was open at the restart.
///
/// @param commitLsn the end LSN of the last transaction's commit record, or of idle progress
/// @param xid the unsigned 32-bit xid of that transaction, 0 for idle progress
/// @param commitMicros its commit time, microseconds since 1970-01-01 UTC
public record ResumePoint(long commitLsn, long xid, long commitMicros) {}
