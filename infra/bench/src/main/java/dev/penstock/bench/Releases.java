package dev.penstock.bench;

import java.io.IOException;
import java.util.UUID;

/// In the place of a [Writer]: changes that a [NullServer] releases at once.
final class Releases implements AutoCloseable {
  private static final String FILLER = "x".repeat(80);

  private final Caller caller;
  private final Changes changes;

  Releases(Service nothing, Changes changes) throws IOException {
    caller = new Caller(nothing.port(), "/release", UUID.randomUUID().toString());
    this.changes = changes;
  }

  /// As [Writer#write].
  int write(int count, int perSecond) throws IOException {
    int first = changes.next();
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = began + i * 1_000_000_000L / perSecond;
      Waiting.at(due);
      int change = changes.next();
      long sent = System.nanoTime();
      caller.post("%d:%d:%s".formatted(change, change + 1, FILLER));
      changes.add(due, sent, System.nanoTime(), change);
    }
    return first;
  }

  @Override
  public void close() throws IOException {
    caller.close();
  }
}
