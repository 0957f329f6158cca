package dev.penstock.answers.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.answers.AnswerRefusedException;
import dev.penstock.answers.ModelServer;
import dev.penstock.answers.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A model's server over real HTTP that does its part.
class ChatAnswererTest {
  private final Asking asking = new Asking();

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
      asking.answerer(server, "secret", 8_000).answer(Asking.QUESTION, asking);

      // Then
      assertThat(asking.text()).isEqualTo("Because of 🙂\n\"it\".");
      assertThat(asking.tokens()).isEqualTo(7_011);
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
            Asking.QUESTION.questionId(),
            Asking.QUESTION.answerId(),
            Asking.QUESTION.conversationId(),
            "alice",
            "And why?",
            turns,
            "");
    try (ModelServer server = new ModelServer((request, reply) -> Asking.whole(reply, "ok"))) {
      // When
      asking.answerer(server, "", 100).answer(longer, asking);

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
    try (ModelServer server = new ModelServer((request, reply) -> Asking.whole(reply, " more"))) {
      asking.answerer(server, "", 8_000).answer(Asking.QUESTION.begun("So far"), asking);
      assertThat(server.requests().getFirst().messages())
          .endsWith("user: And why?", "assistant: So far", "user: " + Messages.GO_ON);
      assertThat(asking.text()).isEqualTo(" more");
    }
  }

  @Test
  void whatWasBegunMayHaveBeenAll() throws Exception {
    try (ModelServer server = new ModelServer((request, reply) -> Asking.whole(reply, ""))) {
      asking.answerer(server, "", 8_000).answer(Asking.QUESTION.begun("All of it."), asking);
      assertThat(asking.text()).isEmpty();
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
    asking.first.countDown();
    assertCancelCloses((request, reply) -> left.complete(reply.awaitGone(5_000)), left);
  }

  private void assertCancelCloses(ModelServer.Script script, CompletableFuture<Boolean> left)
      throws Exception {
    try (ModelServer server = new ModelServer(script)) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      ChatAnswerer answerer = asking.answerer(server, "", 8_000);
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  answerer.answer(Asking.QUESTION, asking);
                } catch (AnswerRefusedException | InterruptedException | RuntimeException e) {
                  end.complete(e);
                }
              });
      assertThat(asking.first.await(10, TimeUnit.SECONDS)).isTrue();
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
              asking.settings(ModelSettings.Provider.ANTHROPIC, server.url(), "secret", 8_000));
      answerer.answer(Asking.QUESTION, asking);
      assertThat(asking.text()).isEqualTo("Because of it.");
      assertThat(asking.tokens()).isEqualTo(7_011);
      assertThat(server.requests().getFirst().head())
          .startsWith("POST /v1/messages ")
          .containsIgnoringCase("x-api-key: secret");

      // And a stream without its end is none
      assertThatThrownBy(() -> answerer.answer(Asking.QUESTION, asking))
          .hasMessage("the stream was cut");
    }
  }

  private static void anthropic(ModelServer.Reply reply, String type, String fields)
      throws java.io.IOException {
    reply.chunk("event: " + type + "\ndata: {\"type\":\"" + type + "\"," + fields + "}\n\n");
  }
}
