package dev.penstock.command.txid;

/// A bound of the tracer was reached, or Kafka does not answer: 503.
public final class TracerBusyException extends RuntimeException {
  private final String reason;

  TracerBusyException(String reason, String sentence) {
    super(sentence);
    this.reason = reason;
  }

  /// `concurrency`, `timeout`, `scan-limit` or `kafka`.
  public String reason() {
    return reason;
  }
}
