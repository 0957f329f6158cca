package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.penstock.contracts.Outbox;
import dev.penstock.stack.TestStack;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLetterTest {
  private CommandServer server;
  private JdbcClient database;
  private final String operator = token(Map.of("roles", List.of("reader", "operator")));

  @BeforeAll
  void start() {
    server =
        CommandServer.start(
            TestStack.newDatabase(),
            Map.of(
                "penstock.command.operator-claim", "roles",
                "penstock.command.operator-value", "operator",
                "penstock.command.connection-wait", "15s"));
    database = server.database();
  }

  @AfterAll
  void close() {
    server.close();
  }

  @BeforeEach
  void clear() {
    database.sql("delete from dead_letters").update();
  }

  @Test
  void theyAreForOperatorsOnly() {
    UUID letter = letter(failedAnswer());
    for (String token :
        List.of(
            CommandServer.token("alice"),
            token(Map.of("roles", List.of("reader"))),
            token(Map.of("operator", true)))) {
      assertThat(call("GET", "/dead-letters", token).status()).isEqualTo(403);
      assertThat(call("POST", "/dead-letters/retry", token).status()).isEqualTo(403);
      assertThat(call("POST", "/dead-letters/" + letter + "/retry", token).status()).isEqualTo(403);
      assertThat(call("DELETE", "/dead-letters/" + letter, token).status()).isEqualTo(403);
    }
    assertThat(call("GET", "/dead-letters", "").status()).isEqualTo(401);
    assertThat(list()).hasSize(1);
    // Without a claim configured nobody is one.
    assertThat(
            CommandServer.send(
                    CommandServer.shared()
                        .request("/dead-letters")
                        .header("Authorization", "Bearer " + operator)
                        .build())
                .status())
        .isEqualTo(403);
  }

  @Test
  void aRetryAsksAgainOnceHoweverOftenItIsSent() {
    // Given
    UUID answer = failedAnswer();
    UUID letter = letter(answer);
    JsonNode listed = list().getFirst();
    assertThat(listed.get("cause").asString()).isEqualTo("HTTP 500");
    assertThat(listed.get("attempts").asInt()).isEqualTo(6);
    assertThat(listed.get("payload").asString()).contains(answer.toString());

    // When
    long txid = call("POST", "/dead-letters/" + letter + "/retry", operator).txid();
    long again = call("POST", "/dead-letters/" + letter + "/retry", operator).txid();

    // Then
    assertThat(again).isEqualTo(txid);
    assertThat(list()).isEmpty();
    assertThat(messages(answer)).isEqualTo(1);
    assertThat(
            database
                .sql("select status, content, error from messages where id = ?")
                .param(answer)
                .query()
                .singleRow())
        .containsEntry("status", "pending")
        .containsEntry("content", "")
        .containsEntry("error", null);
  }

  @Test
  void allAreRetriedButWhatIsNoQuestion() {
    // Given
    UUID first = failedAnswer();
    UUID second = failedAnswer();
    letter(first);
    letter(second);
    UUID malformed = letter(null);

    // When
    CommandServer.Answer all = call("POST", "/dead-letters/retry", operator);

    // Then
    assertThat(all.json().get("retried").asInt()).isEqualTo(2);
    assertThat(call("POST", "/dead-letters/retry", operator).json().get("retried").asInt())
        .isZero();
    assertThat(messages(first) + messages(second)).isEqualTo(2);
    assertThat(list()).hasSize(1);
    assertThat(call("POST", "/dead-letters/" + malformed + "/retry", operator).status())
        .isEqualTo(404);
  }

  @Test
  void discardingForgetsTheLetterAndLeavesTheAnswer() {
    // Given
    UUID answer = failedAnswer();
    UUID letter = letter(answer);

    // When
    assertThat(call("DELETE", "/dead-letters/" + letter, operator).status()).isEqualTo(204);
    assertThat(call("DELETE", "/dead-letters/" + letter, operator).status()).isEqualTo(204);

    // Then
    assertThat(list()).isEmpty();
    assertThat(messages(answer)).isZero();
    assertThat(call("POST", "/dead-letters/" + letter + "/retry", operator).status())
        .isEqualTo(404);
  }

  private List<JsonNode> list() {
    return call("GET", "/dead-letters", operator).json().get("deadLetters").valueStream().toList();
  }

  private CommandServer.Answer call(String method, String path, String token) {
    var request =
        server.request(path).method(method, java.net.http.HttpRequest.BodyPublishers.noBody());
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return CommandServer.send(request.build());
  }

  private static String token(Map<String, Object> claims) {
    JWTClaimsSet.Builder set =
        new JWTClaimsSet.Builder()
            .subject("olga")
            .expirationTime(Date.from(Instant.now().plusSeconds(600)));
    claims.forEach(set::claim);
    return CommandServer.token(JWSAlgorithm.HS256, CommandServer.SECRET, set.build());
  }

  private UUID failedAnswer() {
    UUID answer = UUID.randomUUID();
    server.ask("alice", server.conversation("alice"), UUID.randomUUID(), answer, "Why?").txid();
    // The events of these questions are not what the test counts.
    database
        .sql(
            "select count(*) from pg_logical_slot_get_binary_changes(?, null, null,"
                + " 'proto_version', '1', 'publication_names', 'penstock', 'messages', 'true')")
        .param(server.slot())
        .query(Integer.class)
        .single();
    database
        .sql("update messages set status = 'failed', error = 'no', content = 'x' where id = ?")
        .param(answer)
        .update();
    return answer;
  }

  private UUID letter(@Nullable UUID answer) {
    UUID id = UUID.randomUUID();
    database
        .sql(
            """
            insert into dead_letters (id, answer_id, reason, cause, attempts, payload, failed_at)
            values (?, ?::uuid, 'no', 'HTTP 500', 6, ?, now())
            """)
        .param(id)
        .param(answer)
        .param("{\"answerId\":\"" + answer + "\"}")
        .update();
    return id;
  }

  /// How many messages of the outbox name it, since the answer failed.
  private int messages(UUID answer) {
    return database
        .sql(
            "select count(*) from pg_logical_slot_peek_binary_changes(?, null, null,"
                + " 'proto_version', '1', 'publication_names', 'penstock', 'messages', 'true')"
                + " where position(convert_to(?, 'UTF8') in data) > 0 and position(?::bytea in data) > 0"
                + " and get_byte(data, 0) = ascii('M')")
        .params(
            server.slot(),
            Outbox.QUESTIONS,
            answer.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .query(Integer.class)
        .single();
  }
}
