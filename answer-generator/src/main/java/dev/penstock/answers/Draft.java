package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The text of one attempt: it grows in the answerer's thread and is read by the run's. At every
/// moment it is what Postgres can store: no NUL, no half of a surrogate pair; and what was read
/// once stays its beginning.
final class Draft implements AnswerSink {
  /// @param bytes of `text` in UTF-8
  /// @param failure null unless the attempt ended with it
  record State(int bytes, boolean sentenceEnd, boolean ended, @Nullable Throwable failure) {}

  private static final String SENTENCE_ENDS = ".!?…。！？\n";

  private final int maxLength;
  private final AnswerMetrics metrics;
  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final StringBuilder text;
  private final long startedNanos = System.nanoTime();
  private int bytes;
  private char half;
  private boolean begun;
  private boolean closed;
  private boolean ended;
  private @Nullable Throwable failure;

  /// @param begun what the answer begins with
  /// @param maxLength in UTF-16 units
  Draft(String begun, int maxLength, AnswerMetrics metrics) {
    this.text = new StringBuilder(begun);
    this.bytes = begun.getBytes(UTF_8).length;
    this.maxLength = maxLength;
    this.metrics = metrics;
    metrics.speaks();
  }

  @Override
  public void append(String piece) throws AnswerRefusedException, InterruptedException {
    // An answerer that never blocks would otherwise not notice that it is cancelled.
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    lock.lock();
    try {
      if (closed) {
        throw new InterruptedException();
      }
      if (text.length() + piece.length() > maxLength) {
        throw new AnswerRefusedException(Reasons.TOO_LONG, "longer than " + maxLength);
      }
      if (!begun && !piece.isEmpty()) {
        begun = true;
        metrics.firstToken(System.nanoTime() - startedNanos);
      }
      metrics.heard();
      piece.chars().forEach(c -> append((char) c));
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void used(long promptTokens, long answerTokens) {
    metrics.tokens(promptTokens, answerTokens);
  }

  private void append(char c) {
    if (c == 0) {
      return;
    }
    if (half != 0) {
      if (Character.isLowSurrogate(c)) {
        text.append(half).append(c);
        bytes += 4;
        half = 0;
        return;
      }
      replaceHalf();
    }
    if (Character.isHighSurrogate(c)) {
      half = c;
    } else if (Character.isLowSurrogate(c)) {
      text.append('?');
      bytes++;
    } else {
      text.append(c);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }
  }

  private void replaceHalf() {
    text.append('?');
    bytes++;
    half = 0;
  }

  /// The attempt has ended; nothing is appended any more.
  ///
  /// @param why null where the text is whole
  void end(@Nullable Throwable why) {
    lock.lock();
    try {
      if (half != 0) {
        replaceHalf();
      }
      ended = true;
      failure = why;
      shut();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Refuses text from now on.
  void close() {
    lock.lock();
    try {
      shut();
    } finally {
      lock.unlock();
    }
  }

  private void shut() {
    if (!closed) {
      closed = true;
      metrics.speaksNoMore();
    }
  }

  /// Waits until the text has another length than `knownBytes`, the attempt has ended, or `nanos`
  /// have passed.
  State await(int knownBytes, long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (bytes == knownBytes && !ended && left > 0) {
        left = changed.awaitNanos(Math.min(left, TimeUnit.HOURS.toNanos(1)));
      }
      return new State(bytes, sentenceEnd(), ended, failure);
    } finally {
      lock.unlock();
    }
  }

  private boolean sentenceEnd() {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return end > 0 && SENTENCE_ENDS.indexOf(text.charAt(end - 1)) >= 0;
  }

  String text() {
    lock.lock();
    try {
      return text.toString();
    } finally {
      lock.unlock();
    }
  }
}
