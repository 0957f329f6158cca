package dev.penstock.command;

/// What became of a [Command].
sealed interface Outcome {
  /// It is in Postgres, once.
  ///
  /// @param txid of the transaction that wrote it, the unsigned 32-bit xid
  /// @param repeated whether an earlier attempt wrote it
  record Written(long txid, boolean repeated) implements Outcome {}

  /// Another command, of whomever, has this id; or a row that this one would write is there.
  record IdTaken() implements Outcome {}

  /// The conversation does not exist or is not the caller's.
  record ConversationNotFound() implements Outcome {}
}
