package dev.penstock.analytics;

import java.util.UUID;

/// What one record of the topic says.
sealed interface Change {
  /// The row is now so: `c`, `u`, `r`.
  record Put(MessageRow row) implements Change {}

  /// The row is gone: `d`, or a tombstone.
  record Remove(UUID id) implements Change {}

  /// Every row of this partition is gone: `t`, of which each partition has one.
  record Clear() implements Change {}

  /// Nothing that this version understands.
  ///
  /// @param reason without anything of the record's content
  record Unreadable(String reason) implements Change {}
}
