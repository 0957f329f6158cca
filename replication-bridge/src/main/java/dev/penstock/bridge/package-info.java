/// One replication slot to one log, and from the log the keyed topics.
///
/// - The log's reader releases every committed transaction exactly once, in commit order, whole.
/// - What a killed, hung or revived bridge writes changes nothing that a reader releases.
/// - Postgres is told to forget WAL only after the log has acknowledged it.
/// - The values in the log are Postgres' own text.
@NullMarked
package dev.penstock.bridge;

import org.jspecify.annotations.NullMarked;
