package dev.penstock.answers;

/// There will be no answer, however often it is tried. The message is shown to the person who
/// asked: a sentence for them, without internals.
public final class AnswerRefusedException extends Exception {
  private final String forOperators;

  public AnswerRefusedException(String reasonForTheUser) {
    this(reasonForTheUser, "refused");
  }

  /// @param causeForOperators goes into the dead letter; never text of question or answer
  public AnswerRefusedException(String reasonForTheUser, String causeForOperators) {
    super(reasonForTheUser);
    this.forOperators = causeForOperators;
  }

  String reason() {
    return String.valueOf(getMessage());
  }

  String causeForOperators() {
    return forOperators;
  }
}
