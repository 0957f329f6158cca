package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/// What Kafka brings, once, thrice, late, aborted or broken. The sweep takes no row here that never
/// had a lease.
class DeliveryTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void aQuestionAskedBeforeTheGroupExistedIsAnsweredByFewUpdates() {
    // Given
    QuestionAsked asked = conversations.ask("Is anybody there?");
    try (Decoded decoded = new Decoded(conversations.jdbc);
        var _ = new RunningGenerator(conversations, Map.of(), RunningGenerator.echo())) {
      // When
      awaitStatus(asked, "completed");

      // Then
      assertThat(conversations.answer(asked).content()).isEqualTo("re: Is anybody there?");
      assertThat(conversations.leases()).isZero();
      assertThat(decoded.updatesOf(asked.answerId())).isLessThanOrEqualTo(2);
    }
  }

  @Test
  void aRecordThatComesThriceHasOneEffect() {
    // Given
    List<QuestionAsked> questions = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      conversations.newConversation();
      questions.add(conversations.question("question " + i));
    }
    questions.forEach(asked -> conversations.insert(conversations.jdbc, asked));
    List<QuestionAsked> deliveries = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      deliveries.addAll(questions);
    }
    Random random = new Random(seed());
    Collections.shuffle(deliveries, random);
    conversations.produce(deliveries.toArray(QuestionAsked[]::new));
    try (RunningGenerator generator =
        new RunningGenerator(conversations, Map.of(), RunningGenerator.echo())) {
      questions.forEach(asked -> awaitStatus(asked, "completed"));
      List<String> versions =
          questions.stream().map(asked -> conversations.answer(asked).xmin()).toList();

      // When
      await().atMost(SOON).until(() -> generator.count("repeats") == 20);

      // Then
      assertThat(questions).allMatch(asked -> generator.calls(asked.answerId()) == 1);
      assertThat(questions.stream().map(asked -> conversations.answer(asked).xmin()))
          .isEqualTo(versions);
    }
  }

  @Test
  void aFinalAnswerIsNotTouchedByARestartNorByANewGroup() {
    // Given
    QuestionAsked asked = conversations.ask("Once?");
    try (var _ = new RunningGenerator(conversations, Map.of(), RunningGenerator.echo())) {
      awaitStatus(asked, "completed");
    }
    Conversations.Message first = conversations.answer(asked);

    // When a group reads the topic from its beginning
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations,
            Map.of("group", conversations.topics.prefix() + ".again"),
            RunningGenerator.echo())) {
      await().atMost(SOON).until(() -> generator.count("repeats") == 1);

      // Then
      assertThat(generator.calls(asked.answerId())).isZero();
      assertThat(conversations.answer(asked)).isEqualTo(first);
    }
  }

  @Test
  void whatAnAbortedTransactionAskedIsNotAnswered() {
    // Given a row, so that only Kafka's abort stands between the question and its answer
    QuestionAsked aborted = conversations.question("never committed");
    conversations.insert(conversations.jdbc, aborted);
    // Another conversation's key, so that it is in that one's partition and blocks nobody there.
    conversations.newConversation();
    conversations.produce(false, List.of(Conversations.json(aborted)));
    QuestionAsked later = conversations.ask("committed");

    // When
    try (RunningGenerator generator =
        new RunningGenerator(conversations, Map.of(), RunningGenerator.echo())) {
      awaitStatus(later, "completed");

      // Then (same key, so same partition and order)
      assertThat(generator.calls(aborted.answerId())).isZero();
      assertThat(conversations.answer(aborted).status()).isEqualTo("pending");
    }
  }

  @Test
  void poisonedRecordsDoNotHoldUpOthers() {
    // Given
    QuestionAsked asked = conversations.question("and me?");
    conversations.insert(conversations.jdbc, asked);
    List<byte @Nullable []> values = new ArrayList<>();
    values.add("{ not json".getBytes(UTF_8));
    values.add("{\"answerId\": 7}".getBytes(UTF_8));
    values.add("{\"answerId\": \"x\"}".getBytes(UTF_8));
    values.add("[]".getBytes(UTF_8));
    values.add(new byte[0]);
    values.add(null);
    values.add(new byte[] {(byte) 0xff, 0});
    values.add(Conversations.json(asked));
    conversations.produce(true, values);

    // When
    try (RunningGenerator generator =
        new RunningGenerator(conversations, Map.of(), RunningGenerator.echo())) {
      awaitStatus(asked, "completed");

      // Then
      assertThat(generator.count("malformed")).isEqualTo(7);
      assertThat(generator.count("redeliveries")).isZero();
    }
  }

  @Test
  void aRowThatBecomesVisibleAfterItsRecordIsAnswered() throws Exception {
    // Given
    QuestionAsked asked = conversations.question("too early?");
    SingleConnectionDataSource open =
        new SingleConnectionDataSource(Conversations.sharedDatabaseUrl(), true);
    try (RunningGenerator generator =
            new RunningGenerator(conversations, Map.of(), RunningGenerator.echo());
        var connection = open.getConnection()) {
      connection.setAutoCommit(false);
      conversations.insert(JdbcClient.create(open), asked);
      conversations.produce(asked);
      await().atMost(SOON).until(() -> generator.gauge("in.flight") == 1);

      // When
      connection.commit();

      // Then
      awaitStatus(asked, "completed");
      assertThat(generator.calls(asked.answerId())).isEqualTo(1);
    } finally {
      open.destroy();
    }
  }

  @Test
  void aRowThatNeverComesFreesItsSlot() {
    // Given
    QuestionAsked missing = conversations.question("nobody wrote me");
    conversations.produce(missing);

    // When
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations,
            Map.of("visibility-patience", "100ms", "concurrency", 1),
            RunningGenerator.echo())) {
      QuestionAsked asked = conversations.ask("but me");
      awaitStatus(asked, "completed");

      // Then
      assertThat(generator.ended(Outcome.NOT_VISIBLE)).isEqualTo(1);
      assertThat(conversations.leases()).isZero();
    }
  }

  @Test
  void twoWorkersAnswerTwoHundredQuestionsOnceEach() {
    // Given
    long seed = seed();
    Random random = new Random(seed);
    Map<UUID, Integer> calls = new ConcurrentHashMap<>();
    Answerer answerer =
        (question, sink) -> {
          Thread.sleep(Math.floorMod(question.content().hashCode(), 40));
          sink.append(question.content().toUpperCase(java.util.Locale.ROOT));
        };
    List<QuestionAsked> questions = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      if (i % 10 == 9) {
        conversations.newConversation();
      }
      QuestionAsked asked = conversations.question("q" + random.nextInt(1_000_000) + "-" + i);
      conversations.insert(conversations.jdbc, asked);
      questions.add(asked);
    }
    List<QuestionAsked> deliveries = new ArrayList<>(questions);
    questions.stream().filter(asked -> random.nextInt(4) == 0).forEach(deliveries::add);
    Collections.shuffle(deliveries, random);
    conversations.produce(deliveries.toArray(QuestionAsked[]::new));

    // When
    long start = System.nanoTime();
    try (var _ = new RunningGenerator(conversations, Map.of(), answerer, calls);
        var _ = new RunningGenerator(conversations, Map.of(), answerer, calls)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              conversations
                  .jdbc
                  .sql("select count(*) from messages where status <> 'completed'")
                  .query(Integer.class)
                  .single()
                  .equals(0));
      System.out.println(
          "200 answers after " + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
    }

    // Then
    assertThat(questions)
        .allSatisfy(asked -> {
          assertThat(calls).as("seed %d", seed).containsEntry(asked.answerId(), 1);
          assertThat(conversations.answer(asked).content())
              .isEqualTo(asked.content().toUpperCase(java.util.Locale.ROOT));
        });
  }

  private void awaitStatus(QuestionAsked asked, String status) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> conversations.answer(asked).status().equals(status));
  }

  private static long seed() {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("penstock.seed=" + seed);
    return seed;
  }

  /// Counts row changes as the bridge would see them.
  private record Decoded(JdbcClient jdbc, String slot) implements AutoCloseable {
    Decoded(JdbcClient jdbc) {
      this(jdbc, "decoded_" + UUID.randomUUID().toString().replace("-", ""));
      jdbc.sql("select pg_create_logical_replication_slot(?, 'test_decoding')::text")
          .param(slot)
          .query(String.class)
          .single();
    }

    int updatesOf(UUID messageId) {
      return jdbc.sql(
              """
              select count(*) from pg_logical_slot_get_changes(?, null, null)
              where data like 'table public.messages: UPDATE:%' || ? || '%'
              """)
          .params(slot, messageId.toString())
          .query(Integer.class)
          .single();
    }

    @Override
    public void close() {
      jdbc.sql("select pg_drop_replication_slot(?)::text").param(slot).query(String.class).single();
    }
  }
}
