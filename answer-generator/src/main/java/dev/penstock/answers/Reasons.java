package dev.penstock.answers;

/// What a person reads when there is no answer.
final class Reasons {
  static final String FAILED = "The answer could not be generated. Please ask again.";
  static final String TIMED_OUT = "The answer took too long. Please ask again.";
  static final String TOO_LONG = "The answer became too long. Please ask a narrower question.";
  static final String INTERRUPTED = "The answer was interrupted too often. Please ask again.";
  static final String NO_QUESTION = "The question of this answer does not exist any more.";

  private Reasons() {}
}
