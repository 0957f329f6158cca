package dev.penstock.replay;

/// What of a record is wanted.
sealed interface Replayed {
  /// The row is as the change's `after` says.
  record Row(Change change) implements Replayed {}

  /// The row is gone, or wanted no longer; the change's `before` says which.
  record Gone(Change change) implements Replayed {}

  /// All rows of the table are gone. Every partition says so.
  ///
  /// @param first whether no other partition said so before
  record Truncated(Change change, boolean first) implements Replayed {}

  /// Not of a table.
  record Event() implements Replayed {}
}
