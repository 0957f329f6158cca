package dev.penstock.answers;

import java.time.Duration;
import java.util.UUID;

/// One call of the answerer, on a thread of its own: only that thread is ever interrupted while it
/// may hold something, never one in the middle of a statement.
final class Attempt implements AutoCloseable {
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private final Draft draft;
  private final Thread thread;

  Attempt(UUID answerId, Answerer answerer, Question question, Draft draft) {
    this.draft = draft;
    this.thread =
        Thread.ofVirtual().name("attempt-" + answerId).start(() -> run(answerer, question));
  }

  private void run(Answerer answerer, Question question) {
    try {
      answerer.answer(question, draft);
      draft.end(null);
    } catch (AnswerRefusedException | InterruptedException | RuntimeException | Error e) {
      draft.end(e);
    }
  }

  Draft draft() {
    return draft;
  }

  /// Cancels it unless it has ended; leaves alone what does not listen.
  @Override
  public void close() {
    draft.close();
    thread.interrupt();
    try {
      thread.join(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
