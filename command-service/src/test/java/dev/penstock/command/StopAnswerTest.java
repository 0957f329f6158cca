package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class StopAnswerTest {
  private final CommandServer server = CommandServer.shared();
  private final JdbcClient database = server.database();
  private final UUID conversation = server.conversation("alice");
  private final UUID answer = UUID.randomUUID();

  StopAnswerTest() {
    server.ask("alice", conversation, UUID.randomUUID(), answer, "Long?").txid();
  }

  @Test
  void aPendingOrGrowingAnswerIsCancelledForGoodAndKeepsItsText() {
    // Given
    database
        .sql("update messages set status = 'generating', content = 'so far' where id = ?")
        .param(answer)
        .update();

    // When
    long txid = stop("alice", answer).txid();

    // Then
    assertThat(row())
        .containsEntry("status", "cancelled")
        .containsEntry("content", "so far")
        .containsEntry("xmin", Long.toString(txid));
    assertThat(stop("alice", answer).txid()).isEqualTo(txid);
    assertThat(row()).containsEntry("xmin", Long.toString(txid));
    assertThat(
            database
                .sql("select txid::xid::text from commands where kind = 'stop' and request_id = ?")
                .param(answer)
                .query(String.class)
                .single())
        .isEqualTo(Long.toString(txid));
  }

  @Test
  void aFinishedAnswerStaysAsItIsAndItsOwnTxidIsReturned() {
    // Given
    database
        .sql("update messages set status = 'completed', content = 'all' where id = ?")
        .param(answer)
        .update();
    Map<String, String> before = row();

    // When
    long txid = stop("alice", answer).txid();

    // Then
    assertThat(row()).isEqualTo(before).containsEntry("xmin", Long.toString(txid));
  }

  @Test
  void aStrangersAnswerAndAQuestionAreNotFound() {
    UUID question =
        database
            .sql("select reply_to from messages where id = ?")
            .param(answer)
            .query(UUID.class)
            .single();
    assertThat(stop("mallory", answer).status()).isEqualTo(404);
    assertThat(stop("alice", question).status()).isEqualTo(404);
    assertThat(stop("alice", UUID.randomUUID()).status()).isEqualTo(404);
    assertThat(server.post("/answers/1-1-1-1-1/stop", CommandServer.token("alice"), "").status())
        .isEqualTo(400);
    assertThat(server.post("/answers/" + answer + "/stop", "", "").status()).isEqualTo(401);
    assertThat(row()).containsEntry("status", "pending");
  }

  private CommandServer.Answer stop(String owner, UUID id) {
    return server.post("/answers/" + id + "/stop", CommandServer.token(owner), "");
  }

  private Map<String, String> row() {
    return database
        .sql("select status, content, updated_at, xmin::text as xmin from messages where id = ?")
        .param(answer)
        .query((row, number) ->
            Map.of(
                "status", row.getString(1),
                "content", row.getString(2),
                "updated_at", row.getString(3),
                "xmin", row.getString(4)))
        .single();
  }
}
