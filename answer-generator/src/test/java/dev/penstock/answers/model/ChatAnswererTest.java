package dev.penstock.answers.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.answers.AnswerRefusedException;
import dev.penstock.answers.AnswerSink;
import dev.penstock.answers.AttemptFailedException;
import dev.penstock.answers.ModelServer;
import dev.penstock.answers.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A model's server over real HTTP, well and badly spoken.
class ChatAnswererTest {
  private static final Question QUESTION =
      new Question(
          UUID.randomUUID(),
          UUID.randomUUID(),
          UUID.randomUUID(),
          "alice",
          "And why?",
          List.of(new Question.Turn(false, "What?"), new Question.Turn(true, "That.")),
          "");

  private static final class Collected implements AnswerSink {
    private final StringBuilder text = new StringBuilder();
    private final CountDownLatch first = new CountDownLatch(1);
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
  }

  private final Collected collected = new Collected();
  private Duration idleTimeout = Duration.ofSeconds(20);

  @Test
  void streamsTheAnswerAndTellsTheConversation() throws Exception {
    // Given
    try (ModelServer server =
        new ModelServer((request, reply) -> {
          reply.begin();
          reply.text("Because");
          reply.chunk(": a comment\n\n");
          reply.text(" of 🙂\n\"it\".");
          reply.finish("stop");
        })) {
      // When
      answerer(server, "secret", 8_000).answer(QUESTION, collected);

      // Then
      assertThat(collected.text.toString()).isEqualTo("Because of 🙂\n\"it\".");
      assertThat(collected.tokens).isEqualTo(7_011);
      ModelServer.Request request = server.requests().getFirst();
      assertThat(request.head())
          .startsWith("POST /v1/chat/completions ")
          .containsIgnoringCase("authorization: Bearer secret")
          .doesNotContainIgnoringCase("x-penstock");
      assertThat(request.body().get("stream").asBoolean()).isTrue();
      assertThat(request.body().get("model").asString()).isEqualTo("a-model");
      assertThat(request.messages())
          .containsExactly(
              "system: Be brief.", "user: What?", "assistant: That.", "user: And why?");
    }
  }

  @Test
  void leavesOutTheOldestWhereTheBudgetEnds() throws Exception {
    // Given
    List<Question.Turn> turns = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      turns.add(new Question.Turn(i % 2 == 1, "This was message number " + i));
    }
    Question longer =
        new Question(
            QUESTION.questionId(),
            QUESTION.answerId(),
            QUESTION.conversationId(),
            "alice",
            "And why?",
            turns,
            "");
    try (ModelServer server = new ModelServer((request, reply) -> whole(reply, "ok"))) {
      // When
      answerer(server, "", 100).answer(longer, collected);

      // Then
      List<String> messages = server.requests().getFirst().messages();
      assertThat(messages).hasSizeBetween(6, 14).contains("assistant: This was message number 49");
      assertThat(messages.getFirst()).isEqualTo("system: Be brief.");
      assertThat(messages.getLast()).isEqualTo("user: And why?");
      assertThat(server.requests().getFirst().head()).doesNotContainIgnoringCase("authorization");
    }
  }

  @Test
  void goesOnFromABeginning() throws Exception {
    try (ModelServer server = new ModelServer((request, reply) -> whole(reply, " more"))) {
      answerer(server, "", 8_000).answer(QUESTION.begun("So far"), collected);
      assertThat(server.requests().getFirst().messages())
          .endsWith("user: And why?", "assistant: So far", "user: " + Messages.GO_ON);
      assertThat(collected.text.toString()).isEqualTo(" more");
    }
  }

  @Test
  void whatWasBegunMayHaveBeenAll() throws Exception {
    try (ModelServer server = new ModelServer((request, reply) -> whole(reply, ""))) {
      answerer(server, "", 8_000).answer(QUESTION.begun("All of it."), collected);
      assertThat(collected.text.toString()).isEmpty();
    }
  }

  @Test
  void aStreamThatEndsWithoutAFinishIsAFailedAttempt() {
    assertFails(
        "the stream was cut",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          reply.event("[DONE]");
          reply.end();
        });
  }

  @Test
  void aConnectionThatBreaksIsAFailedAttempt() {
    assertFails(
        "OpenAIIoException|.*Exception",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
        });
    assertThat(collected.text.toString()).isEqualTo("half");
  }

  @Test
  void aMalformedEventIsAFailedAttempt() {
    assertFails(
        ".*Exception",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          reply.event("{ not json");
          reply.finish("stop");
        });
  }

  @Test
  void anErrorInsideTheStreamIsAFailedAttempt() {
    assertFails(
        ".*Exception",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          reply.event("{\"error\":{\"message\":\"overloaded\"}}");
          reply.finish("stop");
        });
  }

  @Test
  void aServerThatGoesQuietIsAFailedAttemptAndLeftAlone() throws Exception {
    CompletableFuture<Boolean> left = new CompletableFuture<>();
    idleTimeout = Duration.ofSeconds(1);
    assertFails(
        "nothing came for 1 s",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          // It drips, so that no read of the socket takes long.
          reply.raw("ff\r\ndata: ");
          while (!reply.awaitGone(100)) {
            reply.raw("x");
          }
          left.complete(true);
        });
    assertThat(left.get(2, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anEmptyAnswerIsAFailedAttempt() {
    assertFails("an empty answer", (request, reply) -> whole(reply, ""));
  }

  @Test
  void whatTheProviderAsksForIsPassedOn() throws Exception {
    try (ModelServer server =
        new ModelServer((request, reply) -> reply.refuse(429, Map.of("Retry-After", "2")))) {
      ChatAnswerer answerer = answerer(server, "", 8_000);
      assertThatThrownBy(() -> answerer.answer(QUESTION, collected))
          .isInstanceOf(AttemptFailedException.class)
          .hasMessage("HTTP 429")
          .extracting("after")
          .isEqualTo(Duration.ofSeconds(2));

      // And all other requests of this instance wait, too
      long start = System.nanoTime();
      assertThatThrownBy(() -> answerer.answer(QUESTION, collected)).hasMessage("HTTP 429");
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_500));
      assertThat(server.requests()).as("the SDK repeats nothing by itself").hasSize(2);
    }
  }

  @Test
  void aServerErrorIsAFailedAttemptAndAWrongKeyIsFinal() throws Exception {
    assertFails("HTTP 500", (request, reply) -> reply.refuse(500, Map.of()));
    try (ModelServer server = new ModelServer((request, reply) -> reply.refuse(401, Map.of()))) {
      assertThatThrownBy(() -> answerer(server, "wrong", 8_000).answer(QUESTION, collected))
          .isInstanceOf(AnswerRefusedException.class)
          .hasMessage("The language model cannot be used at the moment.")
          .extracting("forOperators")
          .isEqualTo("HTTP 401");
    }
  }

  @Test
  void aFilteredAnswerIsRefused() throws Exception {
    try (ModelServer server =
        new ModelServer((request, reply) -> {
          reply.begin();
          reply.finish("content_filter");
        })) {
      assertThatThrownBy(() -> answerer(server, "", 8_000).answer(QUESTION, collected))
          .isInstanceOf(AnswerRefusedException.class)
          .hasMessage("The language model declined to answer this question.");
    }
  }

  @Test
  void cancellingClosesTheProvidersStream() throws Exception {
    CompletableFuture<Boolean> left = new CompletableFuture<>();
    assertCancelCloses(
        (request, reply) -> {
          reply.begin();
          reply.text("Once upon a time");
          left.complete(reply.awaitGone(5_000));
        },
        left);
  }

  @Test
  void cancellingClosesACallThatWasNotAnsweredYet() throws Exception {
    CompletableFuture<Boolean> left = new CompletableFuture<>();
    collected.first.countDown();
    assertCancelCloses((request, reply) -> left.complete(reply.awaitGone(5_000)), left);
  }

  private void assertCancelCloses(ModelServer.Script script, CompletableFuture<Boolean> left)
      throws Exception {
    try (ModelServer server = new ModelServer(script)) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      ChatAnswerer answerer = answerer(server, "", 8_000);
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  answerer.answer(QUESTION, collected);
                } catch (AnswerRefusedException | InterruptedException | RuntimeException e) {
                  end.complete(e);
                }
              });
      assertThat(collected.first.await(10, TimeUnit.SECONDS)).isTrue();
      await().atMost(Duration.ofSeconds(10)).until(() -> server.requests().size() == 1);
      long start = System.nanoTime();
      thread.interrupt();
      assertThat(left.get(5, TimeUnit.SECONDS)).isTrue();
      System.out.println(
          "the provider's connection was closed after "
              + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)
              + " ms");
      assertThat(end.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void requestsKeepTheirPace() throws Exception {
    Pace pace = new Pace(600);
    long start = System.nanoTime();
    for (int i = 0; i < 6; i++) {
      pace.await();
    }
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(490));
  }

  @Test
  void anthropicsProtocolIsSpokenToo() throws Exception {
    try (ModelServer server =
        new ModelServer((request, reply) -> {
          reply.begin();
          anthropic(
              reply,
              "message_start",
              "\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],"
                  + "\"model\":\"c\",\"stop_reason\":null,\"stop_sequence\":null,"
                  + "\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}");
          anthropic(
              reply,
              "content_block_start",
              "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}");
          for (String piece : List.of("Because", " of it.")) {
            anthropic(
                reply,
                "content_block_delta",
                "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + piece + "\"}");
          }
          anthropic(reply, "content_block_stop", "\"index\":0");
          if (request.number() == 1) {
            anthropic(
                reply,
                "message_delta",
                "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                    + "\"usage\":{\"output_tokens\":11}");
            anthropic(reply, "message_stop", "\"x\":0");
          }
          reply.end();
        })) {
      ChatAnswerer answerer =
          new ChatAnswerer(
              settings(ModelSettings.Provider.ANTHROPIC, server.url(), "secret", 8_000));
      answerer.answer(QUESTION, collected);
      assertThat(collected.text.toString()).isEqualTo("Because of it.");
      assertThat(collected.tokens).isEqualTo(7_011);
      assertThat(server.requests().getFirst().head())
          .startsWith("POST /v1/messages ")
          .containsIgnoringCase("x-api-key: secret");

      // And a stream without its end is none
      assertThatThrownBy(() -> answerer.answer(QUESTION, collected))
          .hasMessage("the stream was cut");
    }
  }

  private static void anthropic(ModelServer.Reply reply, String type, String fields)
      throws java.io.IOException {
    reply.chunk("event: " + type + "\ndata: {\"type\":\"" + type + "\"," + fields + "}\n\n");
  }

  private void assertFails(String cause, ModelServer.Script script) {
    assertThatThrownBy(
            () -> {
              try (ModelServer server = new ModelServer(script)) {
                answerer(server, "", 8_000).answer(QUESTION, collected);
              }
            })
        .isInstanceOf(AttemptFailedException.class)
        .message()
        .matches(cause);
  }

  private static void whole(ModelServer.Reply reply, String text) throws java.io.IOException {
    reply.begin();
    reply.text(text);
    reply.finish("stop");
  }

  private ChatAnswerer answerer(ModelServer server, String key, int budget) {
    return new ChatAnswerer(settings(ModelSettings.Provider.OPENAI, server.url(), key, budget));
  }

  private ModelSettings settings(
      ModelSettings.Provider provider, String url, String key, int budget) {
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
}
