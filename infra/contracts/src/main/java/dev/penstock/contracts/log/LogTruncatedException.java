package dev.penstock.contracts.log;

/// The log no longer has what the reader stands before: it was cut by retention, lost its tail, or
/// was made anew.
public final class LogTruncatedException extends RuntimeException {
  LogTruncatedException(String message) {
    super(message);
  }

  LogTruncatedException(String message, Throwable cause) {
    super(message, cause);
  }
}
