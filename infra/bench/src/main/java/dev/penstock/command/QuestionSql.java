package dev.penstock.command;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// The statements that [CommandWriter] sends for a question, for a caller without the service.
///
/// @param parameters of the statements' placeholders
public record QuestionSql(String sql, List<Object> parameters) {
  /// A new question of a conversation's owner.
  public static QuestionSql of(UUID conversation, String owner, String content) {
    Pipeline pipeline =
        Pipeline.of(
            new SendQuestion(conversation, UUID.randomUUID(), UUID.randomUUID(), owner, content),
            null,
            Instant.now());
    return new QuestionSql(pipeline.sql(), pipeline.parameters());
  }
}
