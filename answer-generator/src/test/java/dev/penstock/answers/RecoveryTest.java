package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import dev.penstock.stack.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/// What happens to answers when workers, answerers and records do not do their part.
class RecoveryTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void anotherWorkerFinishesWhatAClosedOneHadBegun() {
    // Given
    QuestionAsked asked = conversations.ask("Who?");
    AtomicBoolean interrupted = new AtomicBoolean();
    RunningGenerator first =
        new RunningGenerator(conversations, Map.of("lease", "1m"), never(interrupted));
    await().atMost(SOON).until(() -> first.calls(asked.answerId()) == 1);

    // When
    long start = System.nanoTime();
    first.close();
    Duration closing = Duration.ofNanos(System.nanoTime() - start);

    // Then
    assertThat(closing).isLessThan(Duration.ofSeconds(5));
    assertThat(interrupted).isTrue();
    assertThat(first.ended(Outcome.RELEASED)).isEqualTo(1);
    try (RunningGenerator second =
        new RunningGenerator(conversations, Map.of(), RunningGenerator.echo())) {
      awaitStatus(asked, "completed");
      assertThat(second.count("takeovers")).as("it was handed on").isZero();
    }
  }

  @Test
  void aKilledWorkersAnswerIsTakenOver() throws Exception {
    // Given a worker in a process of its own, in the middle of an answer
    QuestionAsked asked = conversations.ask("Still there?");
    try (ChildWorkers workers =
        new ChildWorkers(conversations, Map.of("offline-word-delay", "10s"))) {
      workers.start();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> !conversations.answer(asked).content().isEmpty());
    }
    assertThat(conversations.answer(asked).status()).isEqualTo("generating");

    // When
    long start = System.nanoTime();
    try (RunningGenerator generator =
        new RunningGenerator(conversations, Map.of(), RunningGenerator.echo())) {
      awaitStatus(asked, "completed");

      // Then
      Duration takeover = Duration.ofNanos(System.nanoTime() - start);
      System.out.println("taken over after " + takeover.toMillis() + " ms, lease 2 s");
      assertThat(generator.calls(asked.answerId())).isEqualTo(1);
      assertThat(generator.count("takeovers")).isEqualTo(1);
    }
  }

  @Test
  void theSweepFindsARowWhoseRecordNeverCame() {
    // Given
    QuestionAsked asked = conversations.question("no record");
    conversations.insert(conversations.jdbc, asked);
    conversations.newConversation();
    QuestionAsked young = conversations.question("too young");
    conversations
        .jdbc
        .sql("update messages set updated_at = now() - interval '1 min' where id = ?")
        .param(asked.answerId())
        .update();
    conversations.insert(conversations.jdbc, young);

    // When
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations, Map.of("sweep-pending-after", "30s"), RunningGenerator.echo())) {
      awaitStatus(asked, "completed");

      // Then
      assertThat(generator.count("swept")).isEqualTo(1);
      assertThat(conversations.answer(young).status()).isEqualTo("pending");
      await().atMost(SOON).until(() -> generator.gauge("queue.age.ms") > 0);
    }
  }

  @Test
  void theSweepWorksWhereKafkaIsAway() {
    // Given
    QuestionAsked asked = conversations.question("no Kafka");
    conversations.insert(conversations.jdbc, asked);

    // When
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations,
            Map.of("sweep-pending-after", "0s", "kafka-bootstrap-servers", "localhost:1"),
            RunningGenerator.echo())) {
      // Then
      awaitStatus(asked, "completed");
      assertThat(generator.gauge("intake.up")).isZero();
    }
  }

  @Test
  void anAnswererThatAlwaysThrowsEndsInAReasonForTheUser() {
    // Given
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations,
            Map.of(),
            (question, sink) -> {
              sink.append("half an ans");
              // What was never shown may go.
              await()
                  .until(() -> conversations.content(question.answerId()), "half an ans"::equals);
              throw new IllegalStateException("secret: " + question.content());
            })) {
      // When
      QuestionAsked asked = conversations.ask("Will it fail?");
      awaitStatus(asked, "failed");

      // Then
      Conversations.Message answer = conversations.answer(asked);
      assertThat(answer.error()).isEqualTo(Reasons.FAILED);
      assertThat(answer.content()).as("what was shown stays").isEqualTo("half an ans");
      assertThat(generator.calls(asked.answerId())).isEqualTo(3);
      assertThat(generator.count("attempts.failed")).isEqualTo(3);
    }
  }

  @Test
  void anAttemptThatFailsOnceIsRepeatedFromTheBeginning() {
    // Given
    AtomicBoolean failed = new AtomicBoolean();
    try (var _ =
        new RunningGenerator(
            conversations,
            Map.of(),
            (question, sink) -> {
              sink.append("text");
              if (failed.compareAndSet(false, true)) {
                throw new IllegalStateException();
              }
            })) {
      // When
      QuestionAsked asked = conversations.ask("Twice?");

      // Then
      awaitStatus(asked, "completed");
      assertThat(conversations.answer(asked).content()).isEqualTo("text");
    }
  }

  @Test
  void whatCannotBeAnsweredFailsAtOnceWithItsReason() {
    // Given
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations,
            Map.of("answer-timeout", "300ms"),
            (question, sink) -> {
              switch (question.content()) {
                case "refuse" -> throw new AnswerRefusedException("Not about this.");
                case "long" -> sink.append("x".repeat(2001));
                default -> new CountDownLatch(1).await();
              }
            })) {
      // When
      QuestionAsked refused = conversations.ask("refuse");
      conversations.newConversation();
      QuestionAsked tooLong = conversations.ask("long");
      conversations.newConversation();
      QuestionAsked slow = conversations.ask("slow");

      // Then
      awaitStatus(refused, "failed");
      awaitStatus(tooLong, "failed");
      awaitStatus(slow, "failed");
      assertThat(conversations.answer(refused).error()).isEqualTo("Not about this.");
      assertThat(conversations.answer(tooLong).error()).isEqualTo(Reasons.TOO_LONG);
      assertThat(conversations.answer(slow).error()).isEqualTo(Reasons.TIMED_OUT);
      assertThat(generator.count("attempts.failed")).isZero();
    }
  }

  @Test
  void cancelledStaysCancelled() {
    // Given one answer stopped before and one while it is made
    CountDownLatch end = new CountDownLatch(1);
    QuestionAsked before = conversations.question("before");
    conversations.insert(conversations.jdbc, before);
    conversations.cancel(before);
    conversations.produce(before);
    QuestionAsked meanwhile = conversations.ask("meanwhile");
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations,
            Map.of(),
            (question, sink) -> {
              sink.append("late");
              end.await();
            })) {
      await().atMost(SOON).until(() -> generator.calls(meanwhile.answerId()) == 1);

      // When
      conversations.cancel(meanwhile);
      end.countDown();

      // Then
      await().atMost(SOON).until(() -> generator.ended(Outcome.CANCELLED) == 1);
      assertThat(conversations.answer(meanwhile).status()).isEqualTo("cancelled");
      assertThat(conversations.answer(meanwhile).content()).isEqualTo("late");
      assertThat(conversations.answer(before).status()).isEqualTo("cancelled");
      assertThat(generator.calls(before.answerId())).isZero();
    }
  }

  @Test
  void aWorkerThatLostItsLeaseStopsAndWritesNothing() {
    // Given
    AtomicBoolean interrupted = new AtomicBoolean();
    try (RunningGenerator generator =
        new RunningGenerator(conversations, Map.of(), never(interrupted))) {
      QuestionAsked asked = conversations.ask("Mine?");
      await().atMost(SOON).until(() -> generator.calls(asked.answerId()) == 1);

      // When
      conversations
          .jdbc
          .sql(
              "update answer_leases set worker = 'another', generation = generation + 1,"
                  + " until = now() + interval '1 hour'")
          .update();

      // Then
      await().atMost(SOON).until(() -> generator.ended(Outcome.FENCED) == 1);
      assertThat(interrupted).isTrue();
      assertThat(conversations.answer(asked).status()).isEqualTo("generating");
      assertThat(conversations.leases()).isEqualTo(1);
    }
  }

  @Test
  void aDatabaseThatDiesLosesNoAnswerAndNoQuestion(@TempDir Path directory) throws Exception {
    // Given one answer in work, and one question whose record comes while the database is away
    CountDownLatch end = new CountDownLatch(1);
    try (PostgresServer server = PostgresServer.start(directory.resolve("postgres"), 0, Map.of())) {
      server.createDatabase("penstock");
      String url = Conversations.migrated(server.jdbcUrl("penstock"));
      try (Conversations own = new Conversations(url, new DriverManagerDataSource(url));
          RunningGenerator generator =
              new RunningGenerator(
                  own,
                  Map.of(),
                  (question, sink) -> {
                    end.await();
                    sink.append("done");
                  })) {
        QuestionAsked first = own.ask("first");
        own.newConversation();
        QuestionAsked second = own.question("second");
        own.insert(own.jdbc, second);
        await().atMost(SOON).until(() -> generator.calls(first.answerId()) == 1);

        // When
        server.kill();
        own.produce(second);
        end.countDown();
        await().atMost(SOON).until(() -> generator.count("redeliveries") > 0);
        server.start();

        // Then
        await().atMost(SOON).until(() -> own.answer(first).status().equals("completed"));
        await().atMost(SOON).until(() -> own.answer(second).status().equals("completed"));
        assertThat(generator.calls(first.answerId())).isEqualTo(1);
        assertThat(generator.calls(second.answerId())).isEqualTo(1);
      }
    }
  }

  private static Answerer never(AtomicBoolean interrupted) {
    return (question, sink) -> {
      sink.append("Once upon a time");
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.set(true);
        throw e;
      }
    };
  }

  private void awaitStatus(QuestionAsked asked, String status) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> conversations.answer(asked).status().equals(status));
  }
}
