package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.stack.TestStack;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MigrationsTest {
  private final String url = TestStack.newDatabase();
  private final String slot = "s" + UUID.randomUUID().toString().replace("-", "");

  @BeforeEach
  void migrate() {
    Migrations migrations = new Migrations(url, "postgres", "", "penstock", slot);
    migrations.migrate();
    migrations.migrate();
  }

  @AfterEach
  void dropSlot() throws SQLException {
    query("select pg_drop_replication_slot('" + slot + "')::text");
  }

  @Test
  void theSyncedTablesArePublishedWithTheirWholeOldRows() throws SQLException {
    assertThat(
            query(
                "select tablename from pg_publication_tables where pubname = 'penstock' order by 1"))
        .containsExactly("conversations", "messages");
    assertThat(
            query(
                "select relreplident::text from pg_class where relname in ('conversations', 'messages')"))
        .containsExactly("f", "f");
  }

  @Test
  void theSlotSeesAllWritesFromTheFirstOn() throws SQLException {
    String id = UUID.randomUUID().toString();
    execute("insert into conversations (id, owner, title) values ('" + id + "', 'alice', 'first')");
    assertThat(changes()).anyMatch(change -> change.startsWith("I"));
  }

  @Test
  void schemaChangesAreReportedAtTheirPlaceInTheLog() throws SQLException {
    execute("alter table messages add column note text");
    execute("create table other (id int primary key)");
    execute("drop table other");
    assertThat(changes())
        .filteredOn(change -> change.startsWith("M") && change.contains("penstock.ddl"))
        .anyMatch(change -> change.contains("ALTER TABLE") && change.contains("public.messages"))
        .anyMatch(change -> change.contains("CREATE TABLE") && change.contains("public.other"))
        .anyMatch(change -> change.contains("DROP TABLE") && change.contains("\"dropped\": true"));
  }

  @Test
  void theTxidIsThatOfTheRowsWrittenBesideIt() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      UUID id = UUID.randomUUID();
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "insert into conversations (id, owner, title) values ('" + id + "', 'alice', 't')");
      }
      long txid = Txid.current(connection);
      connection.commit();
      assertThat(query("select xmin::text from conversations where id = '" + id + "'"))
          .containsExactly(Long.toString(txid));
    }
  }

  @Test
  void aTxidOutsideOfATransactionIsRefused() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      assertThatThrownBy(() -> Txid.current(connection)).isInstanceOf(IllegalStateException.class);
    }
  }

  private List<String> changes() throws SQLException {
    List<String> changes = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select data from pg_logical_slot_peek_binary_changes('"
                    + slot
                    + "', null, null, 'proto_version', '1', 'publication_names', 'penstock', 'messages', 'true')")) {
      while (rows.next()) {
        changes.add(new String(rows.getBytes(1), StandardCharsets.ISO_8859_1));
      }
    }
    return changes;
  }

  private List<String> query(String sql) throws SQLException {
    List<String> result = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        result.add(rows.getString(1));
      }
    }
    return result;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
