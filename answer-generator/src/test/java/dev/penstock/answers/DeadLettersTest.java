package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.QuestionAsked;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What cannot be answered is kept, for the operators and in the log, and holds nobody else up.
class DeadLettersTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void aFailedAnswerLeavesALetterInTheTransactionThatMakesItFail() throws Exception {
    // Given
    String slot = "letters_" + UUID.randomUUID().toString().replace("-", "");
    JdbcClient jdbc = conversations.jdbc;
    jdbc.sql("select pg_create_logical_replication_slot(?, 'test_decoding')::text")
        .param(slot)
        .query(String.class)
        .single();
    try (ModelServer server =
            new ModelServer((request, reply) -> {
              if (request.messages().getLast().contains("Poison")) {
                reply.refuse(500, Map.of("retry-after", "1"));
              } else {
                reply.begin();
                reply.text("fine");
                reply.finish("stop");
              }
            });
        var generator =
            new RunningGenerator(
                conversations,
                Map.of(),
                conversations
                    .properties(Map.of("llm.base-url", server.url(), "llm.model", "m"))
                    .answerer())) {
      // When
      QuestionAsked poison = conversations.ask("Poison?");
      conversations.newConversation();
      QuestionAsked other = conversations.ask("Fine?");

      // Then
      await().atMost(SOON).until(() -> conversations.answer(other).status().equals("completed"));
      assertThat(conversations.answer(poison).status())
          .as("the poison is still tried, and holds nobody up")
          .isEqualTo("pending");
      await().atMost(SOON).until(() -> conversations.answer(poison).status().equals("failed"));
      assertThat(conversations.answer(poison).error()).isEqualTo(Reasons.FAILED);
      Conversations.DeadLetter letter = conversations.deadLetters().getFirst();
      assertThat(letter.answerId()).isEqualTo(poison.answerId());
      assertThat(letter.reason()).isEqualTo(Reasons.FAILED);
      assertThat(letter.cause()).isEqualTo("HTTP 500");
      assertThat(letter.attempts()).isEqualTo(3);
      assertThat(JSON.readTree(letter.payload()).get("content").asString()).isEqualTo("Poison?");
      List<String> decoded =
          jdbc.sql("select data from pg_logical_slot_get_changes(?, null, null)")
              .param(slot)
              .query((row, number) -> row.getString(1))
              .list();
      JsonNode message = message(decoded);
      try (var schema = Outbox.class.getResourceAsStream("schemas/dead-letter.schema.json")) {
        JSON.readTree(schema)
            .get("required")
            .forEach(field -> assertThat(message.has(field.asString())).isTrue());
      }
      assertThat(message.get("id").asString()).isEqualTo(letter.id().toString());
      assertThat(message.get("answerId").asString()).isEqualTo(poison.answerId().toString());
      assertThat(JSON.readValue(message.get("payload").asString(), QuestionAsked.class))
          .usingRecursiveComparison()
          .ignoringFields("askedAt")
          .isEqualTo(poison);
      assertThat(generator.count("attempts.failed")).isEqualTo(3);
      assertThat(
              server.requests().stream()
                  .filter(request -> request.messages().getLast().contains("Poison")))
          .hasSize(3);
    } finally {
      jdbc.sql("select pg_drop_replication_slot(?)::text").param(slot).query(String.class).single();
    }
  }

  @Test
  void aRecordThatIsNoQuestionIsKeptOnce() {
    // Given
    DeadLetters letters = new DeadLetters(Conversations.sharedDatabase());

    // When
    letters.reject("topic", 3, 7, "{ not\0 json".getBytes(UTF_8));
    letters.reject("topic", 3, 7, "{ not\0 json".getBytes(UTF_8));
    letters.reject("topic", 3, 8, new byte[0]);

    // Then
    assertThat(conversations.deadLetters())
        .extracting(Conversations.DeadLetter::payload)
        .containsExactlyInAnyOrder("{ not json", "");
    assertThat(conversations.deadLetters())
        .allMatch(letter -> letter.cause().startsWith("malformed record at topic-3@"));
  }

  @Test
  void lettersThatNobodyReadsAreBoundedByAgeAndNumber() {
    // Given five recent letters and an old one
    for (int i = 0; i < 6; i++) {
      conversations
          .jdbc
          .sql(
              "insert into dead_letters (id, reason, cause, attempts, failed_at)"
                  + " values (?, 'r', ?, 1, now() - make_interval(mins => ?))")
          .params(UUID.randomUUID(), "letter " + i, i == 5 ? 100 : i)
          .update();
    }

    // When
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations, Map.of("dead-letter-retention", "1h"), RunningGenerator.echo())) {
      await().atMost(SOON).until(() -> generator.count("dead.letters.dropped") == 1);
      assertThat(generator.gauge("dead.letters")).isEqualTo(5);
    }
    try (RunningGenerator generator =
        new RunningGenerator(
            conversations, Map.of("most-dead-letters", 2), RunningGenerator.echo())) {
      await().atMost(SOON).until(() -> generator.count("dead.letters.dropped") == 3);
      assertThat(generator.gauge("dead.letters")).isEqualTo(2);
    }

    // Then the newest are left
    assertThat(conversations.deadLetters())
        .extracting(Conversations.DeadLetter::cause)
        .containsExactlyInAnyOrder("letter 0", "letter 1");
  }

  /// In the same decoded transaction as the row's last change.
  private static JsonNode message(List<String> decoded) {
    int failed = -1;
    for (int i = 0; i < decoded.size(); i++) {
      String line = decoded.get(i);
      if (line.startsWith("BEGIN")) {
        failed = -1;
      }
      if (line.contains("status[text]:'failed'")) {
        failed = i;
      }
      if (failed >= 0 && line.contains("prefix: " + Outbox.DEAD_LETTERS)) {
        return JSON.readTree(line.substring(line.indexOf('{')));
      }
    }
    throw new AssertionError("no dead letter in the transaction of the failure: " + decoded);
  }
}
