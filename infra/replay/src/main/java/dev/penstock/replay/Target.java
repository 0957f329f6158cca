package dev.penstock.replay;

import java.util.Optional;

/// Where a replay writes to. What is accepted and the position behind it become durable together.
interface Target extends AutoCloseable {
  /// Of an earlier run of the same replay.
  Optional<Position> position();

  void accept(ArchiveRecord record, Replayed change);

  /// Whether it looks at the columns of what it accepts.
  default boolean readsRows() {
    return true;
  }

  /// Makes everything accepted durable, and the position with it.
  void commit(Position position);

  /// Everything came, and nothing follows.
  default void finish() {}

  /// How many rows it could not write, since the archive does not have all of them.
  default long incomplete() {
    return 0;
  }

  @Override
  void close();
}
