package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.QuestionAsked;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What logical decoding sees of a command.
class OutboxTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final CommandServer server = CommandServer.shared();
  private final String slot = "o_" + UUID.randomUUID().toString().replace('-', '_');
  private final UUID conversation = server.conversation("alice");
  private final UUID question = UUID.randomUUID();
  private final UUID answer = UUID.randomUUID();

  @BeforeEach
  void createSlot() {
    server
        .database()
        .sql("select pg_create_logical_replication_slot(?, 'test_decoding')")
        .param(slot)
        .query()
        .listOfRows();
  }

  @AfterEach
  void dropSlot() {
    server.database().sql("select pg_drop_replication_slot(?)").param(slot).query().listOfRows();
  }

  @Test
  void theEventIsInTheTransactionOfTheRowsAfterThem() {
    long txid = send("say \"hi\"\n\\ 🚰", "none").txid();

    List<String> changes = decoded(txid);
    assertThat(kinds(changes))
        .containsExactly(
            "BEGIN", "commands", "messages", "messages", "penstock.questions", "COMMIT");
    JsonNode event = event(changes.get(4));
    assertThat(event.propertyNames())
        .containsExactlyElementsOf(
            Arrays.stream(QuestionAsked.class.getRecordComponents())
                .map(c -> c.getName())
                .toList());
    assertThat(CommandServer.JSON.treeToValue(event, QuestionAsked.class))
        .isEqualTo(
            new QuestionAsked(
                question, answer, conversation, "alice", "say \"hi\"\n\\ 🚰", askedAt()));
  }

  @Test
  void aValidTraceIsTheFirstMessageOfItsTransaction() {
    List<String> changes = decoded(send("q", TRACE).txid());

    assertThat(kinds(changes))
        .containsExactly(
            "BEGIN",
            "penstock.trace",
            "commands",
            "messages",
            "messages",
            "penstock.questions",
            "COMMIT");
    assertThat(changes.get(1)).endsWith("content:" + TRACE);
  }

  @Test
  void whatIsNoTraceIsDropped() {
    assertThat(kinds(decoded(send("q", TRACE.replace("0af765", "0AF765")).txid())))
        .doesNotContain("penstock.trace");
  }

  @Test
  void repeatsAndRefusalsAreNotSeenAtAll() {
    send("q", TRACE).txid();
    server
        .database()
        .sql("select count(*) from pg_logical_slot_get_changes(?, null, null)")
        .param(slot)
        .query()
        .listOfRows();

    send("q", TRACE).txid();
    assertThat(send("other", TRACE).status()).isEqualTo(409);

    assertThat(peek()).isEmpty();
  }

  private CommandServer.Answer send(String content, String trace) {
    return server.post(
        "/questions/send",
        CommandServer.token("alice"),
        CommandServer.question(conversation, question, answer, content),
        "traceparent",
        trace);
  }

  private Instant askedAt() {
    return server
        .database()
        .sql("select created_at from messages where id = ?")
        .param(question)
        .query(java.sql.Timestamp.class)
        .single()
        .toInstant();
  }

  private List<String> decoded(long txid) {
    List<String> all = peek();
    int begin = all.indexOf("BEGIN " + txid);
    return all.subList(begin, all.indexOf("COMMIT " + txid) + 1);
  }

  private List<String> peek() {
    return server
        .database()
        .sql("select data from pg_logical_slot_peek_changes(?, null, null)")
        .param(slot)
        .query((row, _) -> Objects.requireNonNull(row.getString(1)))
        .list();
  }

  private static JsonNode event(String change) {
    return CommandServer.JSON.readTree(change.substring(change.indexOf("content:") + 8));
  }

  private static List<String> kinds(List<String> changes) {
    Pattern kind =
        Pattern.compile(
            "^(BEGIN|COMMIT)|^table public\\.(\\w+): INSERT|transactional: 1 prefix: ([\\w.]+)");
    return changes.stream()
        .map(change -> {
          var match = kind.matcher(change);
          assertThat(match.find()).as(change).isTrue();
          for (int i = 1; i <= 2; i++) {
            if (match.group(i) != null) {
              return match.group(i);
            }
          }
          return match.group(3);
        })
        .toList();
  }
}
