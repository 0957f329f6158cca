package dev.penstock.answers;

import java.util.Objects;
import java.util.UUID;

/// What is to be answered, as the database has it.
///
/// @param questionId the user's message
/// @param answerId the assistant's message to complete
/// @param conversationId the conversation of both
/// @param owner the owner of the conversation
/// @param content the question's text
public record Question(
    UUID questionId, UUID answerId, UUID conversationId, String owner, String content) {
  public Question {
    Objects.requireNonNull(questionId, "questionId");
    Objects.requireNonNull(answerId, "answerId");
    Objects.requireNonNull(conversationId, "conversationId");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(content, "content");
  }
}
