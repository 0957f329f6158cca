package dev.penstock.answers;

/// What a person reads when there is no answer.
public final class Reasons {
  static final String FAILED = "The answer could not be generated. Please ask again.";
  static final String TIMED_OUT = "The answer took too long. Please ask again.";
  static final String TOO_LONG = "The answer became too long. Please ask a narrower question.";
  static final String INTERRUPTED = "The answer was interrupted too often. Please ask again.";
  static final String NO_QUESTION = "The question of this answer does not exist any more.";

  /// The model's provider takes this service's requests for wrong ones.
  public static final String UNAVAILABLE = "The language model cannot be used at the moment.";

  /// The model or its filter declined.
  public static final String DECLINED = "The language model declined to answer this question.";

  private Reasons() {}
}
