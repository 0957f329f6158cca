package dev.penstock.replay;

/// An option that cannot be meant so; the message names it, and nothing was written.
final class OptionException extends ReplayException {
  private static final long serialVersionUID = 1;

  OptionException(String message) {
    super(message);
  }

  OptionException(String message, Throwable cause) {
    super(message, cause);
  }
}
