package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class TxidTest {
  @Test
  void theTxidThatThePostReturnsIsTheOneInTheShape() {
    Api alice = Api.login(SharedPenstock.url(), "txid-" + UUID.randomUUID());
    UUID conversation = alice.createConversation("Where is my txid?");
    String token = alice.shapeToken(conversation);
    HttpResponse<String> snapshot = alice.shape(token, "offset=-1");
    String handle = snapshot.headers().firstValue("electric-handle").orElseThrow();
    String offset = snapshot.headers().firstValue("electric-offset").orElseThrow();

    UUID question = UUID.randomUUID();
    UUID answer = UUID.randomUUID();
    long txid = alice.ask(conversation, question, answer, "Where is it?");

    JsonNode messages = Api.JSON.createArrayNode();
    while (!messages.valueStream().anyMatch(message -> isInsertOf(message, question))) {
      HttpResponse<String> live =
          alice.shape(token, "offset=%s&handle=%s&live=true&cursor=".formatted(offset, handle));
      assertThat(live.statusCode()).as(live.body()).isEqualTo(200);
      offset = live.headers().firstValue("electric-offset").orElseThrow();
      messages = Api.JSON.readTree(live.body());
    }
    JsonNode inserted =
        messages
            .valueStream()
            .filter(message -> isInsertOf(message, question))
            .findFirst()
            .orElseThrow();
    JsonNode txids = inserted.at("/headers/txids");
    assertThat(txids.size()).isEqualTo(1);
    assertThat(txids.get(0).isNumber()).isTrue();
    assertThat(txids.get(0).asLong()).isEqualTo(txid);
    assertThat(inserted.at("/headers/lsn").asString()).matches("[0-9]+");
  }

  private static boolean isInsertOf(JsonNode message, UUID id) {
    return message.at("/headers/operation").asString("").equals("insert")
        && message.at("/value/id").asString("").equals(id.toString());
  }
}
