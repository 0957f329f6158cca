package dev.penstock.replay;

import java.io.PrintStream;
import java.util.Optional;

/// Changes as lines of JSON to a stream, which remembers no position.
final class StreamTarget implements Target {
  private final PrintStream out;

  StreamTarget(PrintStream out) {
    this.out = out;
  }

  @Override
  public Optional<Position> position() {
    return Optional.empty();
  }

  @Override
  public void accept(ArchiveRecord record, Replayed change) {
    if (change instanceof Replayed.Truncated(Change _, boolean first) && !first) {
      return;
    }
    out.println(FileTarget.line(record, change));
  }

  @Override
  public void commit(Position position) {
    out.flush();
  }

  @Override
  public void close() {
    out.flush();
  }
}
