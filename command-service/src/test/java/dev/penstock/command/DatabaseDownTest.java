package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseDownTest {
  private static final Map<String, Object> IMPATIENT =
      Map.of(
          "penstock.command.max-connections", 1,
          "penstock.command.connection-wait", "500ms",
          "penstock.command.statement-timeout", "500ms");

  private final UUID question = UUID.randomUUID();
  private final UUID answer = UUID.randomUUID();

  @Test
  void isUnavailableUntilTheDatabaseIsBackAndNothingIsHalfDone(@TempDir Path directory) {
    try (PostgresServer postgres = PostgresServer.start(directory, 0)) {
      postgres.createDatabase("penstock");
      try (CommandServer server = CommandServer.start(postgres.jdbcUrl("penstock"), IMPATIENT)) {
        UUID conversation = server.conversation("alice");
        postgres.kill();

        assertUnavailable(server.ask("alice", conversation, question, answer, "q"));
        assertUnavailable(server.ask("alice", conversation, question, answer, "q"));
        assertThat(health(server)).isEqualTo(503);

        postgres.start();
        await()
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(() ->
                assertThat(server.ask("alice", conversation, question, answer, "q").status())
                    .isEqualTo(200));
        assertThat(health(server)).isEqualTo(200);
        assertThat(
                server.database().sql("select count(*) from messages").query(Long.class).single())
            .isEqualTo(2);
      }
    }
  }

  @Test
  void waitsForLocksAndConnectionsAreBounded() throws Exception {
    try (CommandServer server =
        CommandServer.start(dev.penstock.stack.TestStack.newDatabase(), IMPATIENT)) {
      UUID conversation = server.conversation("alice");
      try (Connection holder = DriverManager.getConnection(server.jdbcUrl())) {
        holder.setAutoCommit(false);
        try (var statement = holder.createStatement()) {
          statement.execute("lock table messages");
        }
        var second =
            Thread.startVirtualThread(() ->
                assertUnavailable(
                    server.ask("alice", conversation, UUID.randomUUID(), answer, "q")));
        assertUnavailable(server.ask("alice", conversation, question, answer, "q"));
        second.join();
        holder.rollback();
      }
      assertThat(server.ask("alice", conversation, question, answer, "q").status()).isEqualTo(200);
    }
  }

  private static int health(CommandServer server) {
    return CommandServer.send(server.request("/health").GET().build()).status();
  }

  private static void assertUnavailable(CommandServer.Answer answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.response().headers().firstValue("Retry-After")).hasValue("1");
    assertThat(answer.response().headers().firstValue("Content-Type"))
        .hasValue("application/problem+json");
  }
}
