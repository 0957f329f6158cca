package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.contracts.Txid;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionOperations;

class TransactionTest {
  private final CommandServer server = CommandServer.shared();

  @Test
  void aWriterWithoutTransactionIsRefusedAndWritesNothing() {
    CommandWriter outside =
        new CommandWriter(
            new CommandMetrics(new SimpleMeterRegistry(), new HikariDataSource()),
            new JdbcTemplate(new DriverManagerDataSource(server.jdbcUrl())),
            TransactionOperations.withoutTransaction());
    UUID id = UUID.randomUUID();

    assertThatThrownBy(() -> outside.write(new CreateConversation(id, "alice", "t"), null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside the writing transaction");

    assertThat(xmin(id)).isEmpty();
  }

  @Test
  void aTxidReadOutsideIsNotTheRows() {
    UUID id = server.conversation("alice");

    long outside = Long.parseLong(server.database().sql(Txid.CURRENT).query(String.class).single());

    assertThat(xmin(id)).isNotEmpty().doesNotContain(outside);
  }

  @Test
  void columnsAreThoseOfTheMigrations() {
    assertThat(columns("commands"))
        .containsExactlyInAnyOrder(
            "kind", "request_id", "owner", "txid", "body_hash", "created_at", "accepted_at");
    assertThat(columns("conversations"))
        .containsExactlyInAnyOrder("id", "owner", "title", "created_at");
    assertThat(columns("messages"))
        .containsExactlyInAnyOrder(
            "id",
            "conversation_id",
            "role",
            "status",
            "content",
            "error",
            "reply_to",
            "created_at",
            "updated_at");
  }

  private List<Long> xmin(UUID conversation) {
    return server
        .database()
        .sql("select xmin::text::bigint from conversations where id = ?")
        .param(conversation)
        .query((row, _) -> Long.valueOf(row.getLong(1)))
        .list();
  }

  private List<String> columns(String table) {
    return server
        .database()
        .sql(
            "select column_name from information_schema.columns where table_schema = 'public' and"
                + " table_name = ?")
        .param(table)
        .query((row, _) -> Objects.requireNonNull(row.getString(1)))
        .list();
  }
}
