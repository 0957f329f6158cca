package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogRecord.End;
import dev.penstock.contracts.log.LogRecord.Part;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The pieces of the transaction that is being read: their bytes up to a limit, beyond it only
/// their offsets.
final class OpenTransaction {
  /// How many bytes of an open transaction a reader holds; of a larger one it keeps the offsets and
  /// reads again.
  static final int MAX_BUFFERED_BYTES = 16 << 20;

  private final long number;
  private final List<Part> parts = new ArrayList<>();
  private final List<Long> offsets = new ArrayList<>();
  private long buffered;
  private int entries;
  private @Nullable End end;

  OpenTransaction(long number) {
    this.number = number;
  }

  void add(long offset, Part part) {
    offsets.add(offset);
    entries += part.count();
    end = part.end();
    buffered += part.entries().remaining();
    if (buffered > MAX_BUFFERED_BYTES) {
      parts.clear();
    } else {
      parts.add(part);
    }
  }

  long number() {
    return number;
  }

  int entries() {
    return entries;
  }

  @Nullable End end() {
    return end;
  }

  List<Long> offsets() {
    return offsets;
  }

  /// The pieces in order, or an empty list if they exceeded the limit.
  List<Part> parts() {
    return parts;
  }
}
