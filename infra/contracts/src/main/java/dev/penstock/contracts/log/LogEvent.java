package dev.penstock.contracts.log;

import java.util.UUID;

/// What a reader of the log learns, in the log's order.
public sealed interface LogEvent
    permits LogEvent.Opened, LogEvent.Claimed, LogEvent.Progressed, LogEvent.Gap, Transaction {
  /// A new generation: everything known from the log before is of another history.
  ///
  /// @param state where the reader stands behind it
  record Opened(UUID generation, LogOrigin origin, ReaderState state) implements LogEvent {}

  /// A leader claimed the log; nothing of an open transaction before it counts any more.
  ///
  /// @param epoch the claim's Kafka offset
  record Claimed(long epoch) implements LogEvent {}

  /// The position moved on without a transaction: idle progress, or a claim that was resumed.
  record Progressed(ReaderState state) implements LogEvent {}

  /// The reader has stopped releasing until a later claim heals the log.
  record Gap(String reason) implements LogEvent {}
}
