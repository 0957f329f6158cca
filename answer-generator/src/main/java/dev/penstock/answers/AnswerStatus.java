package dev.penstock.answers;

import java.util.Locale;

/// `messages.status` of an answer.
enum AnswerStatus {
  PENDING,
  GENERATING,
  COMPLETED,
  FAILED,
  CANCELLED;

  static AnswerStatus of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /// Whether nobody writes the row any more.
  boolean isFinal() {
    return switch (this) {
      case PENDING, GENERATING -> false;
      case COMPLETED, FAILED, CANCELLED -> true;
    };
  }
}
