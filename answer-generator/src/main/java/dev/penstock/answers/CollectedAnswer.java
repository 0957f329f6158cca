package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

/// The text of one attempt, kept until its end and bounded in length.
final class CollectedAnswer implements AnswerSink {
  private final int maxLength;
  private final StringBuilder text = new StringBuilder();

  CollectedAnswer(int maxLength) {
    this.maxLength = maxLength;
  }

  @Override
  public void append(String piece) throws AnswerRefusedException, InterruptedException {
    // An answerer that never blocks would otherwise not notice that it is cancelled.
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (text.length() + piece.length() > maxLength) {
      throw new AnswerRefusedException(Reasons.TOO_LONG);
    }
    text.append(piece);
  }

  /// What Postgres can store of it: no NUL, and no half of a surrogate pair.
  String text() {
    return new String(text.toString().replace("\0", "").getBytes(UTF_8), UTF_8);
  }
}
