/// The log: every committed change of one database, in commit order, framed per transaction.
///
/// - One writer class ([LogWriter]) and one reader class ([LogReader]); nothing else reads or
///   writes these bytes.
/// - A position is `(generation, commit LSN)`; the Kafka offset is only an index into the log.
/// - A term is a leader's [LogRecord.Claim]; the claim's Kafka offset is its epoch. Every record
///   carries generation, epoch and leader id and counts only if all three match the latest claim
///   before it, so what a killed, hung or revived leader writes changes nothing that a reader
///   releases.
/// - A transaction is released only when it is whole and its number is the last one's plus one; on
///   a gap the reader stops, visibly, until a later claim has healed it.
/// - Relation records are repeated after each claim, and a change refers to a relation record of
///   its own epoch by that record's Kafka offset. The log is cut only just before a claim, so every
///   reference that is left can be resolved.
@NullMarked
package dev.penstock.contracts.log;

import org.jspecify.annotations.NullMarked;
