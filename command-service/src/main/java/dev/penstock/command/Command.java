package dev.penstock.command;

import java.util.UUID;

/// One write, told from its repeats by kind and [#requestId()].
sealed interface Command permits SendQuestion, CreateConversation, StopAnswer, RetryDeadLetter {
  /// Made by the client; a repeat has the same.
  UUID requestId();

  /// From the token.
  String owner();

  /// Tells a repeat from another command with the same id.
  byte[] bodyHash();
}
