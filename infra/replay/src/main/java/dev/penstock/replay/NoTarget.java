package dev.penstock.replay;

import java.util.Optional;

/// Of a dry run.
final class NoTarget implements Target {
  @Override
  public Optional<Position> position() {
    return Optional.empty();
  }

  @Override
  public void accept(ArchiveRecord record, Replayed change) {}

  @Override
  public boolean readsRows() {
    return false;
  }

  @Override
  public void commit(Position position) {}

  @Override
  public void close() {}
}
