package dev.penstock.answers;

/// How a worker's run at an answer ended.
enum Outcome {
  /// The answer was written.
  COMPLETED,
  /// The reason why there is none was written.
  FAILED,
  /// Nothing was written: somebody stopped the answer.
  CANCELLED,
  /// Nothing was written: another worker has or had the answer.
  FENCED,
  /// Nothing was written: the row is not visible. The sweep finds it if it ever is.
  NOT_VISIBLE,
  /// Nothing was written and anyone may take the answer.
  RELEASED
}
