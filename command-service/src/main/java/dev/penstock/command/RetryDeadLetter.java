package dev.penstock.command;

import java.util.UUID;

/// Asks a question again, under its old ids, that ended as a dead letter.
///
/// @param owner the operator
record RetryDeadLetter(UUID id, String owner) implements Command {
  @Override
  public UUID requestId() {
    return id;
  }

  @Override
  public byte[] bodyHash() {
    return BodyHash.of(new byte[0], id);
  }
}
