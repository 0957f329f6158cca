package dev.penstock.contracts;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/// A question was committed together with the placeholder of its answer. Schema:
/// `schemas/question-asked.schema.json`.
///
/// @param questionId the user's message
/// @param answerId the assistant's message to complete
/// @param conversationId the conversation of both; the key of the topic
/// @param owner the owner of the conversation, as in the Auth Token's `sub`
/// @param content the question's text
/// @param askedAt the question's `created_at`
public record QuestionAsked(
    UUID questionId,
    UUID answerId,
    UUID conversationId,
    String owner,
    String content,
    Instant askedAt) {
  public QuestionAsked {
    Objects.requireNonNull(questionId, "questionId");
    Objects.requireNonNull(answerId, "answerId");
    Objects.requireNonNull(conversationId, "conversationId");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(askedAt, "askedAt");
  }
}
