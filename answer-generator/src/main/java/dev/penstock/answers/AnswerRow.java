package dev.penstock.answers;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An answer's row as it is visible now.
///
/// @param status of the answer
/// @param waited since the row was made, by the database's clock
/// @param question null where the question is gone
record AnswerRow(AnswerStatus status, Duration waited, @Nullable Question question) {}
