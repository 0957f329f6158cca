package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Answers that take much longer than Kafka waits for an acknowledgement: as half an hour is to the
/// default lock of 15 s, so are they to one of a second.
class LongAnswersTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int PARTITIONS = 2;
  private static final int WORKERS = 4;

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void moreWorkersThanPartitionsAreBusyAtOnceWithoutARebalanceOrASecondExecution()
      throws Exception {
    // Given two questions in each of two partitions, for four workers of one slot
    conversations.createTopic(PARTITIONS);
    List<QuestionAsked> questions = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      int partition = i % PARTITIONS;
      QuestionAsked asked;
      do {
        conversations.newConversation();
        asked = conversations.question("slow " + i);
      } while (partition(asked.conversationId()) != partition);
      conversations.insert(conversations.jdbc, asked);
      questions.add(asked);
    }
    CountDownLatch end = new CountDownLatch(1);
    Answerer slow =
        (question, sink) -> {
          end.await();
          sink.append("done");
        };
    Map<UUID, Integer> calls = new ConcurrentHashMap<>();
    List<RunningGenerator> workers = new ArrayList<>();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestStack.bootstrapServers()))) {
      for (int i = 0; i < WORKERS; i++) {
        // The sweep brings to an idle worker what the client of a busy one has fetched ahead.
        workers.add(
            new RunningGenerator(
                conversations,
                Map.of("concurrency", 1, "record-lock", "1s", "sweep-pending-after", "3s"),
                slow,
                calls));
      }
      await()
          .atMost(SOON)
          .ignoreExceptionsInstanceOf(ExecutionException.class)
          .until(() -> hasSettled(group(admin)));

      // When
      conversations.produce(questions.toArray(QuestionAsked[]::new));
      await()
          .atMost(SOON)
          .until(() -> workers.stream().allMatch(worker -> worker.gauge("in.flight") == 1));
      int epoch = group(admin).groupEpoch();

      // Then nothing moves for as long as several locks last
      await()
          .during(Duration.ofMillis(2_500))
          .atMost(SOON)
          .until(() ->
              calls.values().stream().mapToInt(Integer::intValue).sum() == WORKERS
                  && workers.stream().allMatch(worker -> worker.count("redeliveries") == 0));
      assertThat(group(admin).groupEpoch()).as("no rebalance").isEqualTo(epoch);
      assertThat(group(admin).members()).hasSize(WORKERS);
      end.countDown();
      questions.forEach(this::awaitCompleted);
      assertThat(questions).allMatch(asked -> calls.getOrDefault(asked.answerId(), 0) == 1);
    } finally {
      end.countDown();
      workers.forEach(RunningGenerator::close);
    }
  }

  @Test
  void aLongAnswerDoesNotHoldUpItsPartition() {
    // Given
    conversations.createTopic(1);
    CountDownLatch end = new CountDownLatch(1);
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations,
            Map.of("record-lock", "1s"),
            (question, sink) -> {
              if (question.content().equals("slow")) {
                end.await();
              }
              sink.append("done");
            })) {
      QuestionAsked slow = conversations.ask("slow");
      await().atMost(SOON).until(() -> generator.calls(slow.answerId()) == 1);

      // When
      conversations.newConversation();
      QuestionAsked quick = conversations.ask("quick");

      // Then
      awaitCompleted(quick);
      end.countDown();
      awaitCompleted(slow);
    }
  }

  private ShareGroupDescription group(Admin admin) throws Exception {
    String name = conversations.topics.prefix() + ".answers";
    return admin.describeShareGroups(List.of(name)).all().get().values().iterator().next();
  }

  /// Every member knows of all others, and has its partition.
  private static boolean hasSettled(ShareGroupDescription group) {
    return group.members().size() == WORKERS
        && group.targetAssignmentEpoch() == group.groupEpoch()
        && group.members().stream()
            .allMatch(member ->
                member.memberEpoch() == group.groupEpoch()
                    && member.assignment().topicPartitions().size() == 1);
  }

  private static int partition(UUID key) {
    return Utils.toPositive(Utils.murmur2(key.toString().getBytes(UTF_8))) % PARTITIONS;
  }

  private void awaitCompleted(QuestionAsked asked) {
    await().atMost(SOON).until(() -> conversations.answer(asked).status().equals("completed"));
  }
}
