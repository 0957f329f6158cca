package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SendQuestionTest {
  private final CommandServer server = CommandServer.shared();
  private final UUID question = UUID.randomUUID();
  private final UUID answer = UUID.randomUUID();

  @Test
  void writesQuestionAndPlaceholderWithServerTimes() {
    UUID conversation = server.conversation("alice");
    Instant before = Instant.now();

    CommandServer.Answer sent =
        server.ask("alice", conversation, question, answer, "Wie gehts? 🚰");

    assertThat(sent.status()).isEqualTo(200);
    assertThat(sent.json().get("success").isBoolean()).isTrue();
    List<Map<String, @Nullable Object>> rows = messages();
    assertThat(rows.get(0))
        .containsEntry("id", question)
        .containsEntry("role", "user")
        .containsEntry("status", "completed")
        .containsEntry("content", "Wie gehts? 🚰")
        .containsEntry("reply_to", null)
        .containsEntry("conversation_id", conversation);
    assertThat(rows.get(1))
        .containsEntry("id", answer)
        .containsEntry("role", "assistant")
        .containsEntry("status", "pending")
        .containsEntry("content", "")
        .containsEntry("error", null)
        .containsEntry("reply_to", question);
    Instant asked = createdAt(rows.get(0));
    assertThat(asked).isBetween(before.minusMillis(1), Instant.now());
    assertThat(asked).isEqualTo(asked.truncatedTo(ChronoUnit.MILLIS));
    assertThat(createdAt(rows.get(1))).isEqualTo(asked.plusMillis(1));
  }

  @Test
  void txidIsTheXidOfEveryRowItWrote() {
    UUID conversation = UUID.randomUUID();
    long created =
        server
            .post(
                "/conversations",
                CommandServer.token("alice"),
                CommandServer.json(Map.of("id", conversation.toString(), "title", "t")))
            .txid();
    assertThat(xmin("conversations", conversation)).isEqualTo(created);

    long txid = server.ask("alice", conversation, question, answer, "q").txid();

    assertThat(xmin("messages", question)).isEqualTo(txid);
    assertThat(xmin("messages", answer)).isEqualTo(txid);
  }

  @Test
  void aQuestionIsNeverOlderThanTheNewestMessage() {
    UUID conversation = server.conversation("alice");
    Instant future = Instant.parse("2100-01-01T00:00:00.123456Z");
    server
        .database()
        .sql(
            "insert into messages values (?, ?, 'user', 'completed', 'x', null, null, ?::timestamptz,"
                + " now())")
        .params(UUID.randomUUID(), conversation, future.toString())
        .update();

    server.ask("alice", conversation, question, answer, "q").txid();

    assertThat(createdAt(messages().get(0))).isEqualTo(future.plus(Duration.ofMillis(1)));
  }

  @Test
  void absentAndForeignConversationsAreTheSame() {
    UUID foreign = server.conversation("alice");

    CommandServer.Answer notYours = server.ask("bob", foreign, question, answer, "q");
    CommandServer.Answer absent = server.ask("bob", UUID.randomUUID(), question, answer, "q");

    assertThat(notYours.status()).isEqualTo(404);
    assertThat(absent.status()).isEqualTo(404);
    assertThat(notYours.json()).isEqualTo(absent.json());
    assertThat(notYours.json().get("detail").asString()).isEqualTo("conversation not found");
    assertThat(messages()).isEmpty();
    assertThat(commands()).isZero();
  }

  @Test
  void repeatedCommandReturnsTheFirstTxid() {
    UUID conversation = server.conversation("alice");
    long first = server.ask("alice", conversation, question, answer, "q").txid();

    assertThat(server.ask("alice", conversation, question, answer, "q").txid()).isEqualTo(first);
    assertThat(messages()).hasSize(2);
  }

  @Test
  void firstTxidIsFoundBeyondTheFirstEpoch() {
    UUID conversation = server.conversation("alice");
    server.ask("alice", conversation, question, answer, "q").txid();
    for (long xid : new long[] {5, 2147483648L, 4294967295L}) {
      server
          .database()
          .sql("update commands set txid = ?::xid8 where request_id = ?")
          .params(Long.toString(3 * 4294967296L + xid), question)
          .update();
      assertThat(server.ask("alice", conversation, question, answer, "q").txid()).isEqualTo(xid);
    }
  }

  @Test
  void sameIdWithAnythingElseIsAConflict() {
    UUID conversation = server.conversation("alice");
    UUID other = server.conversation("alice");
    UUID bobs = server.conversation("bob");
    server.ask("alice", conversation, question, answer, "q").txid();

    assertThat(server.ask("alice", conversation, question, answer, "Q").status()).isEqualTo(409);
    assertThat(server.ask("alice", other, question, answer, "q").status()).isEqualTo(409);
    assertThat(server.ask("alice", conversation, question, UUID.randomUUID(), "q").status())
        .isEqualTo(409);
    assertThat(server.ask("bob", conversation, question, answer, "q").status()).isEqualTo(409);
    assertThat(server.ask("bob", bobs, question, answer, "q").status()).isEqualTo(409);
    assertThat(messages()).hasSize(2);
  }

  @Test
  void idOfAnotherMessageIsAConflictThatLeavesNothing() {
    UUID conversation = server.conversation("alice");
    server.ask("alice", conversation, question, answer, "q").txid();
    UUID fresh = UUID.randomUUID();

    assertThat(server.ask("alice", conversation, answer, fresh, "q").status()).isEqualTo(409);
    assertThat(server.ask("alice", conversation, fresh, question, "q").status()).isEqualTo(409);
    assertThat(server.ask("alice", conversation, fresh, answer, "q").status()).isEqualTo(409);
    assertThat(messages()).hasSize(2);
    // Nothing remembers the failed one: the id is free.
    assertThat(server.ask("alice", conversation, fresh, UUID.randomUUID(), "q").status())
        .isEqualTo(200);
  }

  @Test
  void conversationsAreRepeatSafeToo() {
    String body = CommandServer.json(Map.of("id", question.toString(), "title", "Title"));
    CommandServer.Answer first = server.post("/conversations", CommandServer.token("al"), body);

    assertThat(first.status()).isEqualTo(201);
    assertThat(server.post("/conversations", CommandServer.token("al"), body).txid())
        .isEqualTo(first.txid());
    assertThat(server.post("/conversations", CommandServer.token("bob"), body).status())
        .isEqualTo(409);
    assertThat(
            server
                .post("/conversations", CommandServer.token("al"), body.replace("Title", "title"))
                .status())
        .isEqualTo(409);
    server.database().sql("delete from commands where request_id = ?").param(question).update();
    assertThat(server.post("/conversations", CommandServer.token("al"), body).status())
        .isEqualTo(409);
  }

  @Test
  void answersHealth() {
    assertThat(CommandServer.send(server.request("/health").GET().build()).status()).isEqualTo(200);
  }

  private static Instant createdAt(Map<String, @Nullable Object> row) {
    return ((Timestamp) Objects.requireNonNull(row.get("created_at"))).toInstant();
  }

  private long xmin(String table, UUID id) {
    return server
        .database()
        .sql("select xmin::text::bigint from " + table + " where id = ?")
        .param(id)
        .query(Long.class)
        .single();
  }

  private List<Map<String, @Nullable Object>> messages() {
    return server
        .database()
        .sql("select * from messages where id in (?, ?) order by created_at")
        .params(question, answer)
        .query()
        .listOfRows();
  }

  private long commands() {
    return server
        .database()
        .sql("select count(*) from commands where request_id = ?")
        .param(question)
        .query(Long.class)
        .single();
  }
}
