package dev.penstock.answers;

/// There will be no answer, however often it is tried. The message is shown to the person who
/// asked: a sentence for them, without internals.
public final class AnswerRefusedException extends Exception {
  public AnswerRefusedException(String reasonForTheUser) {
    super(reasonForTheUser);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
