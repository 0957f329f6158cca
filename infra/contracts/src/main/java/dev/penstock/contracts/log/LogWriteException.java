package dev.penstock.contracts.log;

/// The log did not take a record; the leader's term is over.
public final class LogWriteException extends RuntimeException {
  LogWriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
