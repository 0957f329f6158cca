package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/// Needs a Postgres of its own, to take it down.
@Timeout(240)
@DisabledIfEnvironmentVariable(named = "PENSTOCK_DATABASE_URL", matches = ".+")
class RestartTest {
  private final Path directory = SharedPenstock.Directories.temporary("penstock-restart");

  @AfterEach
  void delete() {
    SharedPenstock.Directories.delete(directory);
  }

  @Test
  void afterAStopAndAfterAKillTheDataIsThereAndNothingIsAnsweredTwice() throws Exception {
    String user = "restart-" + UUID.randomUUID();
    String conversation;
    try (PenstockProcess first = PenstockProcess.start(directory)) {
      JsonNode seen = NodeClients.ask(first.url(), user, 3);
      conversation = seen.get("conversationId").asString();
      assertThat(seen.get("unanswered").asInt()).isZero();
      assertThat(first.terminate(Duration.ofSeconds(10))).as("stops within 10 s").isPresent();
    }
    try (PenstockProcess second = PenstockProcess.start(directory)) {
      assertGoesOn(NodeClients.ask(second.url(), user, 3, conversation), 6);
      second.kill();
    }
    try (PenstockProcess third = PenstockProcess.start(directory)) {
      assertGoesOn(NodeClients.ask(third.url(), user, 3, conversation), 12);
    }
  }

  @Test
  void aQuestionThatIsUnansweredWhenEverythingIsKilledIsAnsweredAfterTheRestart() throws Exception {
    UUID conversation;
    String user = "killed-" + UUID.randomUUID();
    UUID answer = UUID.randomUUID();
    try (PenstockProcess first = PenstockProcess.start(directory)) {
      Api api = Api.login(first.url(), user);
      conversation = api.createConversation("Killed in the middle");
      api.ask(conversation, UUID.randomUUID(), answer, "Are you still there?");
      first.kill();
    }
    try (PenstockProcess second = PenstockProcess.start(directory)) {
      JsonNode seen = NodeClients.ask(second.url(), user, 1, conversation.toString());
      assertGoesOn(seen, 2);
      Api api = Api.login(second.url(), user);
      String token = api.shapeToken(conversation);
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(
                      Api.JSON
                          .readTree(api.shape(token, "offset=-1").body())
                          .valueStream()
                          .filter(message ->
                              message.at("/value/id").asString("").equals(answer.toString()))
                          .map(message -> message.at("/value/status").asString("")))
                  .containsExactly("completed"));
    }
  }

  private static void assertGoesOn(JsonNode seen, int before) {
    assertThat(seen.get("before").asInt()).isEqualTo(before);
    assertThat(seen.get("rows").asInt()).isEqualTo(before + 2 * seen.get("asked").size());
    assertThat(seen.get("unanswered").asInt()).isZero();
    assertThat(seen.get("answeredTwice").asInt()).isZero();
  }
}
