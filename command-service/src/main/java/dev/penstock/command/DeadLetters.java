package dev.penstock.command;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/// What the answer-generator could not answer, as it keeps it in `dead_letters`.
///
/// @param transactions on `jdbc`'s connections
record DeadLetters(JdbcClient jdbc, TransactionOperations transactions) {
  /// One of them.
  ///
  /// @param answerId null where the record was no question
  /// @param reason as the person who asked reads it
  /// @param cause for operators
  /// @param payload the record's value
  record Letter(
      UUID id,
      @Nullable UUID answerId,
      @Nullable UUID conversationId,
      @Nullable String owner,
      String reason,
      String cause,
      int attempts,
      @Nullable String payload,
      Instant failedAt) {}

  /// The newest first.
  List<Letter> list(int most) {
    return jdbc.sql(
            """
            select id, answer_id, conversation_id, owner, reason, cause, attempts, payload,
              failed_at
            from dead_letters order by failed_at desc, id limit ?
            """)
        .param(most)
        .query((row, number) ->
            new Letter(
                row.getObject(1, UUID.class),
                row.getObject(2, UUID.class),
                row.getObject(3, UUID.class),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getInt(7),
                row.getString(8),
                row.getObject(9, OffsetDateTime.class).toInstant()))
        .list();
  }

  /// Those that name an answer, the oldest first.
  List<UUID> answerable(int most) {
    return jdbc.sql(
            """
            select id from dead_letters where answer_id is not null and payload is not null
            order by failed_at, id limit ?
            """)
        .param(most)
        .query((row, number) -> row.getObject(1, UUID.class))
        .list();
  }

  /// Forgets one; the answer stays failed.
  void discard(UUID id) {
    transactions.executeWithoutResult(
        status -> jdbc.sql("delete from dead_letters where id = ?").param(id).update());
  }
}
