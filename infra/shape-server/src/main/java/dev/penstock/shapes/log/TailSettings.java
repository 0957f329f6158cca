package dev.penstock.shapes.log;

import dev.penstock.contracts.trace.Spans;
import java.time.Duration;
import java.util.Map;

/// How the log is read and how much of it is held.
///
/// @param kafka the consumer's configuration
/// @param topic the log's topic
/// @param replayBytes a log of up to this size is read from its beginning at the start
/// @param windowBytes recent transactions in memory
/// @param feedBytes recent messages in memory, per shape
/// @param allFeedsBytes the same of all shapes
/// @param catchUpBytes how far behind, in bytes of the log, a request is still served
/// @param catchUpReaders how many readers of the log requests that are behind have between them
/// @param catchUpBytesPerSecond how fast each of them may read
/// @param maxLag an instance that is further behind answers nothing before it has caught up
/// @param spans where the releases of traced transactions are told
public record TailSettings(
    Map<String, Object> kafka,
    String topic,
    long replayBytes,
    long windowBytes,
    long feedBytes,
    long allFeedsBytes,
    long catchUpBytes,
    int catchUpReaders,
    long catchUpBytesPerSecond,
    Duration maxLag,
    Spans spans) {
  public TailSettings {
    kafka = Map.copyOf(kafka);
  }
}
