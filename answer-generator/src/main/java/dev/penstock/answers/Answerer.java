package dev.penstock.answers;

/// Makes answers: the seam between this service and a model.
///
/// Implementations are called from many virtual threads at once and may block.
@FunctionalInterface
public interface Answerer {
  /// Streams the answer of `question` into `sink` and returns at its end.
  ///
  /// An answer that is no longer wanted is cancelled by interrupting the thread; from then on the
  /// sink refuses text. An implementation ends what it holds at its provider on the way out.
  ///
  /// Any other exception is a failed attempt, which is repeated.
  ///
  /// @throws AnswerRefusedException if no attempt can succeed
  /// @throws InterruptedException if it was cancelled
  void answer(Question question, AnswerSink sink)
      throws AnswerRefusedException, InterruptedException;

  /// Whether it goes on from [Question#begun], streaming only what follows. Where not, it begins
  /// anew, and what is shown stays until the new text is longer.
  default boolean continues() {
    return false;
  }
}
