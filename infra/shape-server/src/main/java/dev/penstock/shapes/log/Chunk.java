package dev.penstock.shapes.log;

import dev.penstock.shapes.shape.Offset;
import java.util.List;

/// A stretch of a shape's log.
///
/// @param slices messages with a comma behind each
/// @param end the position behind it
/// @param complete whether it reaches up to this instance's position
/// @param seen the commit LSN up to which a client that has this has seen everything; meant for
///   complete ones
public record Chunk(List<Slice> slices, Offset end, boolean complete, long seen) {
  /// Part of an array that is shared and must not be written to.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Slice(byte[] array, int start, int length) {}

  public Chunk {
    slices = List.copyOf(slices);
  }

  public boolean isEmpty() {
    return slices.isEmpty();
  }
}
