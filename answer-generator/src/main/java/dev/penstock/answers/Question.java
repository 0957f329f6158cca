package dev.penstock.answers;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/// What is to be answered, as the database has it.
///
/// @param questionId the user's message
/// @param answerId the assistant's message to complete
/// @param conversationId the conversation of both
/// @param owner the owner of the conversation
/// @param content the question's text
/// @param history what was said before in the conversation, the oldest first; bounded
/// @param begun what earlier attempts have made of the answer, empty at first
public record Question(
    UUID questionId,
    UUID answerId,
    UUID conversationId,
    String owner,
    String content,
    List<Turn> history,
    String begun) {
  /// One message of the conversation.
  ///
  /// @param assistant whether the model said it, not the user
  public record Turn(boolean assistant, String content) {}

  public Question {
    Objects.requireNonNull(questionId, "questionId");
    Objects.requireNonNull(answerId, "answerId");
    Objects.requireNonNull(conversationId, "conversationId");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(begun, "begun");
    history = List.copyOf(history);
  }

  Question after(List<Turn> earlier) {
    return new Question(questionId, answerId, conversationId, owner, content, earlier, begun);
  }

  /// With another beginning of the answer.
  public Question begun(String text) {
    return new Question(questionId, answerId, conversationId, owner, content, history, text);
  }
}
