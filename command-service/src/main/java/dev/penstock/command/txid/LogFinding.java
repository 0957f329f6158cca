package dev.penstock.command.txid;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/// What the log says of a transaction.
sealed interface LogFinding {
  /// It is there, whole.
  ///
  /// @param offset of its first piece
  /// @param rows whether a synced row changed
  /// @param snapshot whether its rows are in the generation's snapshot and not here
  /// @param owners whose conversations it changed
  /// @param conversations whose messages it changed
  /// @param places where the router writes it
  record Found(
      UUID generation,
      long offset,
      long writtenMillis,
      long commitLsn,
      long commitMicros,
      boolean rows,
      boolean snapshot,
      Set<String> owners,
      Set<UUID> conversations,
      List<Place> places)
      implements LogFinding {}

  /// A partition of a keyed topic.
  record Place(String topic, int partition) {}

  /// The log is not so far yet.
  record NotYet() implements LogFinding {}

  /// The log is beyond its commit without having it.
  record Passed() implements LogFinding {}

  /// The log is beyond its commit without having it, but a generation was opened meanwhile with a
  /// snapshot of the database.
  record InSnapshot(UUID generation, long writtenMillis) implements LogFinding {}

  /// It is older than what the log still holds.
  record Gone() implements LogFinding {}

  /// No reader releases anything at present.
  record Gap() implements LogFinding {}
}
