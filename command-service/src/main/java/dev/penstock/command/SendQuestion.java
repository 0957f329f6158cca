package dev.penstock.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.UUID;

/// Asks a question and makes the placeholder of its answer.
///
/// @param owner the caller
record SendQuestion(
    UUID conversationId, UUID questionId, UUID answerId, String owner, String content)
    implements Command {
  private static final List<String> FIELDS =
      List.of("conversationId", "questionId", "answerId", "content");

  /// @param maxContentBytes in UTF-8
  /// @throws InvalidRequestException naming the field at fault
  static SendQuestion parse(byte[] body, String owner, long maxContentBytes) {
    Fields fields = Fields.parse(body, FIELDS);
    SendQuestion command =
        new SendQuestion(
            fields.uuid("conversationId"),
            fields.uuid("questionId"),
            fields.uuid("answerId"),
            owner,
            fields.text("content"));
    if (command.answerId.equals(command.questionId)) {
      throw new InvalidRequestException("answerId", "must differ from questionId");
    }
    if (Texts.utf8Length(command.content) > maxContentBytes) {
      throw new InvalidRequestException(
          "content", "must have at most " + maxContentBytes + " bytes in UTF-8");
    }
    return command;
  }

  @Override
  public UUID requestId() {
    return questionId;
  }

  @Override
  public byte[] bodyHash() {
    return BodyHash.of(content.getBytes(UTF_8), conversationId, answerId);
  }
}
