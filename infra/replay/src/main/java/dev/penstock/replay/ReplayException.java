package dev.penstock.replay;

/// What stops a command; the message is the sentence for the person who started it.
sealed class ReplayException extends RuntimeException permits OptionException {
  ReplayException(String message) {
    super(message);
  }

  ReplayException(String message, Throwable cause) {
    super(message, cause);
  }
}
