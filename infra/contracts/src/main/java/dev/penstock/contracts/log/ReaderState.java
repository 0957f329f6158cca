package dev.penstock.contracts.log;

import java.util.UUID;

/// Where a reader stands between two transactions: enough to go on as if it had never stopped.
///
/// @param nextOffset the Kafka offset of the next record to read
/// @param generation the log's generation
/// @param epoch the latest claim
/// @param leader the claimant
/// @param number the number of the last released transaction, 0 before the first
/// @param point the position: of the last released transaction or idle progress
public record ReaderState(
    long nextOffset, UUID generation, long epoch, long leader, long number, ResumePoint point) {

  /// One line of text, for instance for the metadata of a committed offset.
  public String toText() {
    return "1 %d %s %d %d %d %d %d %d"
        .formatted(
            nextOffset,
            generation,
            epoch,
            leader,
            number,
            point.commitLsn(),
            point.xid(),
            point.commitMicros());
  }

  /// Reads what [#toText] wrote.
  ///
  /// @throws LogFormatException if it is not such a text
  public static ReaderState parse(String text) {
    String[] parts = text.split(" ", -1);
    if (parts.length != 9 || !parts[0].equals("1")) {
      throw new LogFormatException("not a reader's state: \"" + text + "\"");
    }
    try {
      return new ReaderState(
          Long.parseLong(parts[1]),
          UUID.fromString(parts[2]),
          Long.parseLong(parts[3]),
          Long.parseLong(parts[4]),
          Long.parseLong(parts[5]),
          new ResumePoint(
              Long.parseLong(parts[6]), Long.parseLong(parts[7]), Long.parseLong(parts[8])));
    } catch (IllegalArgumentException e) {
      throw new LogFormatException("not a reader's state: \"" + text + "\"", e);
    }
  }
}
