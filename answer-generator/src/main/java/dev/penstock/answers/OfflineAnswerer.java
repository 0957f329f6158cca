package dev.penstock.answers;

import java.time.Duration;
import java.util.List;

/// Needs no network and pretends nothing: says that no model is configured.
final class OfflineAnswerer implements Answerer {
  private static final int QUOTED_CODE_POINTS = 80;

  private final Duration wordDelay;

  /// @param wordDelay the pause after each word, so that the way of a streamed answer can be seen
  OfflineAnswerer(Duration wordDelay) {
    this.wordDelay = wordDelay;
  }

  @Override
  public void answer(Question question, AnswerSink sink)
      throws AnswerRefusedException, InterruptedException {
    for (String word : words(text(question.content()))) {
      sink.append(word);
      Thread.sleep(wordDelay);
    }
  }

  private static String text(String question) {
    return "No language model is configured here yet, so I can't really answer \""
        + beginning(question)
        + "\". Your question did travel the whole way, though: it was committed to Postgres, came "
        + "through Kafka to the answer generator, and this reply reached you by sync.";
  }

  /// Whole characters only, also of scripts that need two UTF-16 units for one.
  private static String beginning(String question) {
    String line = question.strip().replaceAll("\\s+", " ");
    if (line.codePointCount(0, line.length()) <= QUOTED_CODE_POINTS) {
      return line;
    }
    return line.substring(0, line.offsetByCodePoints(0, QUOTED_CODE_POINTS)).stripTrailing() + "…";
  }

  private static List<String> words(String text) {
    return List.of(text.split("(?<= )"));
  }
}
