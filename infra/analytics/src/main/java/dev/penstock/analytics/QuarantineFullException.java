package dev.penstock.analytics;

/// More records cannot be read than may be kept aside.
final class QuarantineFullException extends Exception {
  QuarantineFullException(String topic, Batch.Unread last) {
    super(
        "too many records cannot be read; the last is at offset %d of partition %d of %s: %s"
            .formatted(last.offset(), last.partition(), topic, last.reason()));
  }
}
