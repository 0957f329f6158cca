package dev.penstock.analytics;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The numbers at one point of every partition, as JSON.
///
/// @param until the end of the window, exclusive
/// @param positions how far each partition is in these numbers
/// @param quarantined records that could not be read and are missing in these numbers
/// @param statuses of all time
/// @param window of `minutes` minutes
record Report(
    Instant until,
    int minutes,
    List<Position> positions,
    long quarantined,
    Totals totals,
    List<StatusCount> statuses,
    Window window) {

  /// @param commitLsn unsigned, as text: JavaScript's numbers end before it does
  record Position(int partition, long nextOffset, String commitLsn) {}

  /// @param answers the completed ones
  record Totals(long rows, long conversations, long questions, long answers, long characters) {}

  record StatusCount(String role, String status, long count) {}

  /// @param timeToAnswer of the answers completed in the window
  record Window(
      TimeToAnswer timeToAnswer, List<Minute> perMinute, List<Conversation> conversations) {}

  /// From the question's `created_at` to the `updated_at` of its completed answer, in milliseconds;
  /// a percentile is one of the measured times; null where there are none.
  record TimeToAnswer(
      long count, @Nullable Double p50, @Nullable Double p90, @Nullable Double p99) {}

  /// @param at its beginning; minutes without anything are left out
  record Minute(Instant at, long questions, long answers, TimeToAnswer timeToAnswer) {}

  record Conversation(UUID id, long questions, long answers, TimeToAnswer timeToAnswer) {}
}
