package dev.penstock.command;

import static dev.penstock.command.CommandServer.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.command.CommandServer.Answer;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How `GET /txids/{txid}` refuses.
@Timeout(60)
class TxidAnswersTest {
  private final CommandServer server = CommandServer.shared();

  private Answer trail(Object txid, String caller) {
    return CommandServer.send(
        server
            .request("/txids/" + txid)
            .header("Authorization", "Bearer " + token(caller))
            .build());
  }

  @Test
  void aSearchThatCannotBeMadeIsRefusedForNow() {
    UUID conversation = server.conversation("traced");
    long txid =
        server.ask("traced", conversation, UUID.randomUUID(), UUID.randomUUID(), "why?").txid();

    Answer busy = trail(txid, "traced");
    assertThat(busy.status()).isEqualTo(503);
    assertThat(busy.response().headers().firstValue("retry-after")).hasValue("1");
    assertThat(busy.response().headers().firstValue("content-type"))
        .hasValue("application/problem+json");
    assertThat(busy.json().get("reason").asString()).isEqualTo("kafka");
    // Nothing of it is said to anybody else.
    Answer unknown = trail(4_000_000_000L, "traced");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(trail(txid, "stranger").status()).isEqualTo(404);
    assertThat(trail(txid, "stranger").response().body()).isEqualTo(unknown.response().body());
  }

  @Test
  void whatIsNoTxidIsRefusedByItsField() {
    for (String txid : new String[] {"4294967296", "-1", "1x", "0x10", "%20"}) {
      Answer refused = trail(txid, "traced");
      assertThat(refused.status()).as(txid).isEqualTo(400);
      assertThat(refused.json().get("field").asString()).isEqualTo("txid");
    }
  }
}
