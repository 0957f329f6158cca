package dev.penstock.shapes.log;

import java.util.Map;

/// How the log is read and how much of it is held.
///
/// @param kafka the consumer's configuration
/// @param topic the log's topic
/// @param replayBytes a log of up to this size is read from its beginning at the start
/// @param windowBytes recent transactions in memory
/// @param feedBytes recent messages in memory, per shape
/// @param allFeedsBytes the same of all shapes
/// @param catchUpBytes how much of the log one request may read again
public record TailSettings(
    Map<String, Object> kafka,
    String topic,
    long replayBytes,
    long windowBytes,
    long feedBytes,
    long allFeedsBytes,
    long catchUpBytes) {
  public TailSettings {
    kafka = Map.copyOf(kafka);
  }
}
