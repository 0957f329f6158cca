package dev.penstock.command;

/// The command may or may not have been written; to repeat it is safe: 503.
final class DatabaseUnavailableException extends RuntimeException {
  DatabaseUnavailableException(Throwable cause) {
    super("The database does not answer.", cause);
  }
}
