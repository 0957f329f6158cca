package dev.penstock.shapes.log;

/// What came of reading a shape's log.
public sealed interface Outcome {
  /// Messages, perhaps none.
  record Found(Chunk chunk) implements Outcome {}

  /// Nothing can be said now: the log does not answer, or it takes too long to get on.
  record Unavailable() implements Outcome {}

  /// The handle is over: its table was rotated, its generation ended, or the log no longer reaches
  /// back to the offset.
  record Rotated() implements Outcome {}
}
