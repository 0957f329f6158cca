package dev.penstock.answers;

/// Takes the text of one attempt, in order, from one thread.
@FunctionalInterface
public interface AnswerSink {
  /// Appends the next piece, of any length.
  ///
  /// @throws AnswerRefusedException if the answer would become longer than allowed
  /// @throws InterruptedException if the answer is no longer wanted
  void append(String text) throws AnswerRefusedException, InterruptedException;

  /// What the provider counted for this attempt, if it did.
  default void used(long promptTokens, long answerTokens) {}
}
