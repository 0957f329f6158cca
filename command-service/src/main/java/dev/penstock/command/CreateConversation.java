package dev.penstock.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.UUID;

/// Makes a conversation of the caller's.
///
/// @param owner the caller
record CreateConversation(UUID id, String owner, String title) implements Command {
  private static final List<String> FIELDS = List.of("id", "title");

  /// @param maxTitle in Unicode code points
  /// @throws InvalidRequestException naming the field at fault
  static CreateConversation parse(byte[] body, String owner, int maxTitle) {
    Fields fields = Fields.parse(body, FIELDS);
    CreateConversation command =
        new CreateConversation(fields.uuid("id"), owner, fields.text("title"));
    if (command.title.codePointCount(0, command.title.length()) > maxTitle) {
      throw new InvalidRequestException("title", "must have at most " + maxTitle + " characters");
    }
    return command;
  }

  @Override
  public UUID requestId() {
    return id;
  }

  @Override
  public byte[] bodyHash() {
    return BodyHash.of(title.getBytes(UTF_8));
  }
}
