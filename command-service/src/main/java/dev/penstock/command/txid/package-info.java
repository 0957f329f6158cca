/// Where a transaction is on its way from Postgres to the shapes: found on demand, nothing is kept
/// for it. What is said of a transaction is read from the log by its one reader, so it is never
/// said to be where a reader would not find it.
@NullMarked
package dev.penstock.command.txid;

import org.jspecify.annotations.NullMarked;
