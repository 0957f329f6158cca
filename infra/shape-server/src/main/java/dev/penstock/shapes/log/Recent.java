package dev.penstock.shapes.log;

import dev.penstock.contracts.log.Transaction;
import java.util.Set;

/// A transaction of the window.
///
/// @param oids the tables that it changed
/// @param bytes about what it holds in memory
record Recent(Transaction transaction, Set<Long> oids, long bytes) {
  long lsn() {
    return transaction.commitLsn();
  }
}
