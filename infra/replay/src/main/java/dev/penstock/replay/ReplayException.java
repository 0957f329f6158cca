package dev.penstock.replay;

/// What stops a command; the message is the sentence for the person who started it.
final class ReplayException extends RuntimeException {
  ReplayException(String message) {
    super(message);
  }

  ReplayException(String message, Throwable cause) {
    super(message, cause);
  }
}
