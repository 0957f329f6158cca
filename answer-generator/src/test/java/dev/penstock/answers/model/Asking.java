package dev.penstock.answers.model;

import dev.penstock.answers.AnswerSink;
import dev.penstock.answers.ModelServer;
import dev.penstock.answers.Question;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/// One question to a model's server, and what came of it.
final class Asking implements AnswerSink {
  static final Question QUESTION =
      new Question(
          UUID.randomUUID(),
          UUID.randomUUID(),
          UUID.randomUUID(),
          "alice",
          "And why?",
          List.of(new Question.Turn(false, "What?"), new Question.Turn(true, "That.")),
          "");

  final CountDownLatch first = new CountDownLatch(1);
  Duration idleTimeout = Duration.ofSeconds(20);
  private final StringBuilder text = new StringBuilder();
  private volatile long tokens;

  @Override
  public void append(String piece) {
    text.append(piece);
    first.countDown();
  }

  @Override
  public void used(long promptTokens, long answerTokens) {
    tokens = promptTokens * 1_000 + answerTokens;
  }

  String text() {
    return text.toString();
  }

  /// Of the prompt in thousands, and of the answer.
  long tokens() {
    return tokens;
  }

  ChatAnswerer answerer(ModelServer server, String key, int budget) {
    return new ChatAnswerer(settings(ModelSettings.Provider.OPENAI, server.url(), key, budget));
  }

  ModelSettings settings(ModelSettings.Provider provider, String url, String key, int budget) {
    return new ModelSettings(
        provider,
        url,
        key,
        "a-model",
        "Be brief.",
        budget,
        1_000,
        idleTimeout,
        Duration.ofMinutes(1),
        0,
        true);
  }

  static void whole(ModelServer.Reply reply, String text) throws IOException {
    reply.begin();
    reply.text(text);
    reply.finish("stop");
  }
}
