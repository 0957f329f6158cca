package dev.penstock.gateway.collapse;

import io.netty.buffer.ByteBuf;

/// What a reader finds when it asks for its next piece.
sealed interface Taken {
  /// The reader's own reference, which it releases.
  record Piece(ByteBuf bytes) implements Taken {}

  /// The reader is woken when there is something.
  enum Nothing implements Taken {
    YET
  }

  enum End implements Taken {
    REACHED
  }

  record Failure(Throwable cause) implements Taken {}
}
