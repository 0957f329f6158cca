package dev.penstock.contracts.log;

/// A record of the log that this program cannot read: written by a newer version, or not by the
/// writer at all.
public final class LogFormatException extends RuntimeException {
  LogFormatException(String message) {
    super(message);
  }

  LogFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
