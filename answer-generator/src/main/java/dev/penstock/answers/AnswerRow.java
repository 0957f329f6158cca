package dev.penstock.answers;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An answer's row as it is visible now.
///
/// @param status of the answer
/// @param conversationId its conversation
/// @param blocked whether an earlier answer of the conversation is unfinished
/// @param waited since the row was made, by the database's clock
/// @param written bytes of text that all updates of the row have written
/// @param question null where the question is gone
record AnswerRow(
    AnswerStatus status,
    UUID conversationId,
    boolean blocked,
    Duration waited,
    long written,
    @Nullable Question question) {}
