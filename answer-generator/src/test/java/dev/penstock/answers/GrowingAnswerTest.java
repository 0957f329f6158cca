package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An answer as it is seen while it is made.
class GrowingAnswerTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void theRowGrowsInFewStepsAndEndsAtomically() throws Exception {
    // Given a trigger that keeps every version of every answer
    for (String statement :
        List.of(
            "create table versions (at timestamptz default clock_timestamp(), status text, content text)",
            "create or replace function keep_version() returns trigger language plpgsql security definer as $$ begin"
                + " insert into versions (status, content) values (new.status, new.content);"
                + " return new; end $$",
            "create trigger keep after update on messages for each row execute function"
                + " keep_version()")) {
      conversations.jdbc.sql(statement).update();
    }
    try (ModelServer server = new ModelServer(new ScriptedModel(200, 10));
        RunningGenerator generator =
            new RunningGenerator(
                conversations,
                Map.of("max-answer-length", 100_000, "answer-timeout", "10m"),
                conversations.properties(model(server)).answerer())) {
      // When
      QuestionAsked asked = conversations.ask("How does it grow?");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> conversations.answer(asked).status().equals("completed"));

      // Then
      record Version(double at, String status, String content) {}
      List<Version> versions =
          conversations
              .jdbc
              .sql(
                  "select extract(epoch from at)::float8 as at, status, content from versions order by at")
              .query((row, number) ->
                  new Version(row.getDouble(1), row.getString(2), row.getString(3)))
              .list();
      String text = conversations.answer(asked).content();
      long bytes = 0;
      for (int i = 0; i < versions.size(); i++) {
        Version version = versions.get(i);
        bytes += version.content().getBytes(UTF_8).length;
        boolean last = i == versions.size() - 1;
        assertThat(version.status()).isEqualTo(last ? "completed" : "generating");
        assertThat(text).startsWith(version.content());
        if (i >= 4) {
          assertThat(version.at() - versions.get(i - 4).at()).isGreaterThan(1);
        }
      }
      assertThat(versions.size()).isGreaterThan(3);
      assertThat(bytes).isLessThanOrEqualTo(3L * text.getBytes(UTF_8).length);
      System.out.printf(
          "%d updates of %d bytes of text: amplification %.2f, %.2f updates/s%n",
          versions.size(),
          text.getBytes(UTF_8).length,
          (double) bytes / text.getBytes(UTF_8).length,
          (versions.size() - 1) / (versions.getLast().at() - versions.getFirst().at()));
      assertThat(generator.summary("amplification")).isBetween(1.0, 3.0);
      assertThat(generator.summary("updates")).isEqualTo(versions.size());
      assertThat(generator.timerMillis("first.token")).isPositive();
    } finally {
      conversations.jdbc.sql("drop trigger keep on messages").update();
      conversations.jdbc.sql("drop table versions").update();
    }
  }

  @Test
  void theFirstTextIsVisibleSoonAfterTheModelsFirstToken() throws Exception {
    // Given a model that waits after its first word
    CompletableFuture<Long> said = new CompletableFuture<>();
    try (var _ =
        new RunningGenerator(
            conversations,
            Map.of(),
            (question, sink) -> {
              said.complete(System.nanoTime());
              sink.append("First");
              new CountDownLatch(1).await();
            })) {
      // When
      QuestionAsked asked = conversations.ask("When?");
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> conversations.answer(asked).content().equals("First"));

      // Then
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - said.get());
      System.out.println("first text in the row " + millis + " ms after the first token");
      assertThat(millis).as("with room for a busy machine").isLessThan(1_000);
      assertThat(conversations.answer(asked).status()).isEqualTo("generating");
    }
  }

  @Test
  void whatStallsIsShownWithoutAnotherToken() {
    // Given text that came too soon after the first update to be written at once
    try (var _ =
        new RunningGenerator(
            conversations,
            Map.of(),
            (question, sink) -> {
              sink.append("First");
              Thread.sleep(50);
              sink.append(" and second");
              new CountDownLatch(1).await();
            })) {
      QuestionAsked asked = conversations.ask("And then?");
      await()
          .atMost(SOON)
          .until(() -> conversations.answer(asked).content().equals("First and second"));
    }
  }

  @Test
  void aStopEndsGenerationAndTheProvidersCallWithinASecond() throws Exception {
    // Given two workers, so that the one that is asked need not be the one that works
    CompletableFuture<Long> left = new CompletableFuture<>();
    try (ModelServer server =
            new ModelServer((request, reply) -> {
              reply.begin();
              reply.text("So far so good.");
              if (reply.awaitGone(30_000)) {
                left.complete(System.nanoTime());
              }
            });
        var first = generator(server);
        var second = generator(server)) {
      QuestionAsked asked = conversations.ask("Stop?");
      QuestionAsked waiting = conversations.ask("I wait for it");
      await()
          .atMost(SOON)
          .until(() -> conversations.answer(asked).content().equals("So far so good."));

      // When
      conversations.cancel(waiting);
      long stopped = System.nanoTime();
      conversations.cancel(asked);

      // Then
      long millis = TimeUnit.NANOSECONDS.toMillis(left.get(10, TimeUnit.SECONDS) - stopped);
      System.out.println("the provider's call was cancelled " + millis + " ms after the stop");
      assertThat(millis).isLessThan(1_000);
      await()
          .atMost(SOON)
          .until(() -> first.ended(Outcome.CANCELLED) + second.ended(Outcome.CANCELLED) == 1);
      assertThat(conversations.answer(asked).status()).isEqualTo("cancelled");
      assertThat(conversations.answer(asked).content()).isEqualTo("So far so good.");
      assertThat(conversations.answer(waiting).status()).isEqualTo("cancelled");
      assertThat(server.requests()).hasSize(1);
      await().atMost(SOON).until(() -> conversations.leases() <= 1);
    }
  }

  @Test
  void theAnswersOfAConversationComeInItsOrder() {
    // Given
    List<String> order = new ArrayList<>();
    List<QuestionAsked> asked = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      QuestionAsked each = conversations.question("question " + i);
      conversations.insert(conversations.jdbc, each);
      // An answer stands a millisecond behind its question: the next question is to come behind it.
      conversations.jdbc.sql("select pg_sleep(0.003)").query(String.class).single();
      asked.add(each);
    }
    Answerer answerer =
        (question, sink) -> {
          synchronized (order) {
            order.add(question.content() + " after " + question.history().size());
          }
          Thread.sleep(20);
          sink.append("answer");
        };

    // When the records come in another order, to two workers
    try (var _ = new RunningGenerator(conversations, Map.of(), answerer);
        var _ = new RunningGenerator(conversations, Map.of(), answerer)) {
      conversations.produce(asked.reversed().toArray(QuestionAsked[]::new));
      await()
          .atMost(SOON)
          .until(() -> conversations.answer(asked.getLast()).status().equals("completed"));
    }

    // Then
    assertThat(order)
        .containsExactly(
            "question 0 after 0",
            "question 1 after 2",
            "question 2 after 4",
            "question 3 after 6",
            "question 4 after 8");
  }

  @Test
  void aTakenOverAnswerNeverShrinksWhereItBeginsAnew() {
    // Given
    AtomicBoolean first = new AtomicBoolean(true);
    CountDownLatch begun = new CountDownLatch(1);
    Answerer answerer =
        (question, sink) -> {
          sink.append(first.get() ? "A rather long beginning" : "A rather");
          begun.countDown();
          if (first.get()) {
            new CountDownLatch(1).await();
          }
          Thread.sleep(700);
          sink.append(" long beginning, and its end.");
        };
    QuestionAsked asked = conversations.ask("Again?");
    RunningGenerator worker = new RunningGenerator(conversations, Map.of(), answerer);
    await().atMost(SOON).until(() -> conversations.answer(asked).content().endsWith("beginning"));

    // When
    worker.close();
    first.set(false);
    List<String> seen = new ArrayList<>();
    try (var _ = new RunningGenerator(conversations, Map.of(), answerer)) {
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(10))
          .until(() -> {
            Conversations.Message answer = conversations.answer(asked);
            seen.add(answer.content());
            return answer.status().equals("completed");
          });
    }

    // Then
    assertThat(seen)
        .allMatch(text -> text.startsWith("A rather long beginning"))
        .last()
        .isEqualTo("A rather long beginning, and its end.");
  }

  private RunningGenerator generator(ModelServer server) {
    return new RunningGenerator(
        conversations,
        Map.of("stop-poll", "300ms"),
        conversations.properties(model(server)).answerer());
  }

  private static Map<String, Object> model(ModelServer server) {
    return Map.of("llm.base-url", server.url(), "llm.model", "scripted", "llm.idle-timeout", "60s");
  }
}
