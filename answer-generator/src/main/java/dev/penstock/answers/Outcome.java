package dev.penstock.answers;

/// How a worker's run at an answer ended.
enum Outcome {
  /// The answer was written.
  COMPLETED,
  /// The reason why there is none was written.
  FAILED,
  /// Nothing more was written: somebody stopped the answer.
  CANCELLED,
  /// Nothing more was written: another worker has or had the answer.
  FENCED,
  /// Nothing was written: the row is not visible. The sweep finds it if it ever is.
  NOT_VISIBLE,
  /// Nothing was written: an earlier answer of the conversation is unfinished.
  DEFERRED,
  /// Anyone may take the answer, and go on from what is written.
  RELEASED
}
