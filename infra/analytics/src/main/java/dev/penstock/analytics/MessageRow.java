package dev.penstock.analytics;

import java.time.LocalDateTime;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What is kept of a row of `messages`: of its text only the length.
///
/// @param characters null where the record leaves the text out, being unchanged or too large: then
///   what is known stays
/// @param createdAt UTC, as all times here
/// @param commitLsn of the transaction that made the row so; unsigned
/// @param seq its place in that transaction
record MessageRow(
    UUID id,
    UUID conversation,
    String role,
    String status,
    @Nullable Integer characters,
    @Nullable UUID replyTo,
    LocalDateTime createdAt,
    LocalDateTime updatedAt,
    long commitLsn,
    long seq) {
  MessageRow {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(conversation, "conversation_id");
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(createdAt, "created_at");
    Objects.requireNonNull(updatedAt, "updated_at");
  }

  /// This row, with what it leaves out taken from the one before it.
  MessageRow over(@Nullable MessageRow before) {
    return characters != null || before == null || before.characters == null
        ? this
        : new MessageRow(
            id,
            conversation,
            role,
            status,
            before.characters,
            replyTo,
            createdAt,
            updatedAt,
            commitLsn,
            seq);
  }
}
