package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import dev.penstock.stack.ChildJvm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// All workers are replaced, one after the other, while they are in the middle of long answers.
///
/// The short form has answers of 8 s. The long one, 5 minutes: `-Dpenstock.answer.seconds=300`.
class RollingRestartTest {
  private static final int SECONDS = Integer.getInteger("penstock.answer.seconds", 8);
  private static final int WORKERS = 2;
  private static final int PIECE_MILLIS = 40;

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void noAnswerBeginsAnewOrIsMadeTwice() throws Exception {
    // Given ten words of about nine pieces
    ScriptedModel model =
        new ScriptedModel(SECONDS * 1_000 * 10 / (9 * PIECE_MILLIS), PIECE_MILLIS);
    List<QuestionAsked> questions = new ArrayList<>();
    try (ModelServer server = new ModelServer(model);
        ChildWorkers workers =
            new ChildWorkers(
                conversations,
                Map.of(
                    "llm.base-url", server.url(),
                    "llm.model", "scripted",
                    "llm.idle-timeout", "60s",
                    "max-answer-length", 1_000_000,
                    "answer-timeout", "20m",
                    "lease", "8s",
                    "sweep-interval", "500ms"))) {
      List<ChildJvm> old = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        old.add(workers.start());
      }
      for (int i = 0; i < 6; i++) {
        conversations.newConversation();
        questions.add(conversations.ask("question " + i));
      }
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() ->
              questions.stream()
                  .allMatch(asked -> conversations.answer(asked).content().length() > 50));

      // When
      for (ChildJvm each : old) {
        workers.start();
        assertThat(ChildWorkers.stop(each)).isTrue();
        // What it handed on goes on elsewhere.
        await().atMost(Duration.ofMinutes(3)).until(() -> handedOn() == 0);
      }

      // Then
      await()
          .atMost(Duration.ofSeconds(120 + 4L * SECONDS))
          .until(() ->
              questions.stream()
                  .allMatch(asked -> conversations.answer(asked).status().equals("completed")));
      System.out.println(
          model.resumed.get()
              + " times an answer went on elsewhere, none began anew more than "
              + (model.mostFromNothing() - 1)
              + " times");
      assertThat(questions)
          .allSatisfy(asked ->
              assertThat(conversations.answer(asked).content())
                  .isEqualTo(model.text(asked.content())));
      assertThat(model.faults).isEmpty();
      assertThat(model.mostFromNothing()).isEqualTo(1);
      assertThat(model.resumed.get()).isPositive();
    }
  }

  private int handedOn() {
    return conversations
        .jdbc
        .sql("select count(*) from answer_leases where until <= now()")
        .query(Integer.class)
        .single();
  }
}
