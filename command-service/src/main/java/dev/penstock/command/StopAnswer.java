package dev.penstock.command;

import java.util.UUID;

/// Stops an answer for good, wherever it is made; a finished one stays as it is.
///
/// @param owner the caller
record StopAnswer(UUID answerId, String owner) implements Command {
  @Override
  public UUID requestId() {
    return answerId;
  }

  @Override
  public byte[] bodyHash() {
    return BodyHash.of(new byte[0], answerId);
  }
}
