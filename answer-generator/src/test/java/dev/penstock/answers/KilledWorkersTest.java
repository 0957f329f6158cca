package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import dev.penstock.stack.ChildJvm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Workers in processes of their own are killed and replaced while a scripted model speaks, and in
/// the end every answer is there, once and whole.
///
/// The short form is 40 questions, 8 conversations, 2 workers and 5 kills. The long one:
/// `-Dpenstock.kills=30 -Dpenstock.questions=200 -Dpenstock.conversations=20 -Dpenstock.workers=3`.
/// `-Dpenstock.seed` repeats the moments.
class KilledWorkersTest {
  private static final int KILLS = Integer.getInteger("penstock.kills", 5);
  private static final int QUESTIONS = Integer.getInteger("penstock.questions", 40);
  private static final int CONVERSATIONS = Integer.getInteger("penstock.conversations", 8);
  private static final int WORKERS = Integer.getInteger("penstock.workers", 2);

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void everyAnswerIsWholeAndThereOnceWhoeverIsKilledWhenever() throws Exception {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("penstock.seed=" + seed);
    Random random = new Random(seed);
    ScriptedModel model = new ScriptedModel(50, 20);
    List<QuestionAsked> questions = questions();
    try (ModelServer server = new ModelServer(model);
        ChildWorkers workers = new ChildWorkers(conversations, settings(server))) {
      for (int i = 0; i < WORKERS; i++) {
        workers.start();
      }
      // When
      int asked = 0;
      Map<Moment, Integer> moments = new EnumMap<>(Moment.class);
      for (int kill = 0; kill < KILLS; kill++) {
        int until = QUESTIONS * (kill + 1) / (KILLS + 1);
        Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
        // Before the claim: the questions come in the moment of death.
        int before = moment == Moment.ASKED ? asked : until;
        ask(questions.subList(asked, before));
        ChildJvm victim = moment.await(conversations, workers, random);
        ask(questions.subList(before, until));
        asked = until;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(30)));
        victim.kill();
        moments.merge(moment, 1, Integer::sum);
        workers.start();
      }
      ask(questions.subList(asked, QUESTIONS));
      long end = System.nanoTime();
      System.out.printf(
          "%d kills %s, %d answers were taken up where they were%n",
          KILLS, moments, model.resumed.get());

      // Then
      await().atMost(Duration.ofMinutes(8)).until(() -> unfinished() == 0);
      System.out.printf(
          "all final %d ms after the last kill; %d taken up in all, most from nothing %d%n",
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - end),
          model.resumed.get(),
          model.mostFromNothing());
      assertThat(questions)
          .allSatisfy(each -> {
            assertThat(conversations.answer(each).status())
                .as("seed %d", seed)
                .isEqualTo("completed");
            assertThat(conversations.answer(each).content()).isEqualTo(model.text(each.content()));
          });
      assertThat(model.faults).as("seed %d", seed).isEmpty();
      assertThat(conversations.deadLetters()).isEmpty();
      await().atMost(Duration.ofSeconds(10)).until(() -> conversations.leases() == 0);
    }
  }

  /// When a worker dies.
  private enum Moment {
    /// Questions come; nobody has claimed them.
    ASKED,
    /// A text grows.
    STREAMING,
    /// An answer has just become final.
    FINISHED;

    ChildJvm await(Conversations conversations, ChildWorkers workers, Random random) {
      switch (this) {
        case ASKED -> {}
        case STREAMING ->
            org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !workers.busy().isEmpty() && count(conversations, "generating") > 0);
        case FINISHED -> {
          int before = count(conversations, "completed");
          org.awaitility.Awaitility.await()
              .atMost(Duration.ofMinutes(3))
              .pollInterval(Duration.ofMillis(2))
              .until(() ->
                  count(conversations, "completed") > before || unanswered(conversations) == 0);
        }
      }
      List<ChildJvm> victims = workers.busy().isEmpty() ? workers.alive() : workers.busy();
      return victims.get(random.nextInt(victims.size()));
    }

    private static int unanswered(Conversations conversations) {
      return count(conversations, "pending") + count(conversations, "generating");
    }

    private static int count(Conversations conversations, String status) {
      return conversations
          .jdbc
          .sql("select count(*) from messages where role = 'assistant' and status = ?")
          .param(status)
          .query(Integer.class)
          .single();
    }
  }

  private Map<String, Object> settings(ModelServer server) {
    // Patient, so that a busy machine is no failure.
    return Map.of(
        "llm.base-url", server.url(),
        "llm.model", "scripted",
        "llm.idle-timeout", "60s",
        "answer-timeout", "10m",
        "max-answer-length", 20_000,
        "max-claims", 20,
        "lease", "2s",
        "record-lock", "2s",
        "sweep-pending-after", "3s");
  }

  private List<QuestionAsked> questions() {
    List<List<QuestionAsked>> byConversation = new ArrayList<>();
    for (int c = 0; c < CONVERSATIONS; c++) {
      conversations.newConversation();
      List<QuestionAsked> own = new ArrayList<>();
      for (int q = c; q < QUESTIONS; q += CONVERSATIONS) {
        own.add(conversations.question("question " + q));
      }
      byConversation.add(own);
    }
    List<QuestionAsked> questions = new ArrayList<>();
    for (int q = 0; q < QUESTIONS; q++) {
      questions.add(byConversation.get(q % CONVERSATIONS).get(q / CONVERSATIONS));
    }
    return questions;
  }

  private void ask(List<QuestionAsked> questions) {
    questions.forEach(asked -> conversations.insert(conversations.jdbc, asked));
    if (!questions.isEmpty()) {
      conversations.produce(questions.toArray(QuestionAsked[]::new));
    }
  }

  private int unfinished() {
    return Moment.unanswered(conversations);
  }
}
