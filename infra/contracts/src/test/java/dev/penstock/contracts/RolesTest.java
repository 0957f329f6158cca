package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolesTest {
  private static final String URL = TestStack.newDatabase();
  private static final String SLOT = "s" + UUID.randomUUID().toString().replace("-", "");

  @BeforeAll
  static void migrate() {
    new Migrations(URL, "postgres", "", "penstock", SLOT).migrate();
  }

  @AfterAll
  static void dropSlot() throws SQLException {
    run("postgres", "select pg_drop_replication_slot('" + SLOT + "')");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          penstock_command | delete from messages
          penstock_command | delete from conversations
          penstock_command | update conversations set owner = 'mallory'
          penstock_command | update messages set conversation_id = gen_random_uuid()
          penstock_command | update messages set role = 'user'
          penstock_command | update commands set owner = 'mallory'
          penstock_command | delete from commands
          penstock_command | insert into dead_letters (id) values (gen_random_uuid())
          penstock_command | select * from answer_leases
          penstock_command | truncate messages
          penstock_answers | insert into messages (id) values (gen_random_uuid())
          penstock_answers | delete from messages
          penstock_answers | update messages set reply_to = null
          penstock_answers | update conversations set title = 'x'
          penstock_answers | select * from commands
          penstock_bridge  | update messages set content = 'x'
          penstock_bridge  | insert into conversations (id) values (gen_random_uuid())
          penstock_bridge  | select * from commands
          penstock_bridge  | select * from dead_letters
          penstock_shapes  | update messages set content = 'x'
          penstock_shapes  | select * from commands
          penstock_shapes  | select pg_create_logical_replication_slot('x', 'pgoutput')
          penstock_gateway | update conversations set owner = 'mallory'
          penstock_gateway | select * from commands
          penstock_gateway | select * from answer_leases
          penstock_gateway | select pg_create_logical_replication_slot('x', 'pgoutput')
          """)
  void whatIsNotARolesOwnIsRefused(String role, String sql) {
    assertThatThrownBy(() -> run(role, sql))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
  }

  @Test
  void noRoleMayChangeTheSchemaOrThePublicationOrItself() {
    for (String role :
        List.of(
            "penstock_command",
            "penstock_answers",
            "penstock_bridge",
            "penstock_shapes",
            "penstock_gateway")) {
      for (String sql :
          List.of(
              "create table mine (id int)",
              "alter table messages add column mine int",
              "alter publication penstock drop table messages",
              "drop publication penstock",
              "alter role " + role + " superuser",
              "grant pg_write_all_data to " + role,
              "select * from flyway_schema_history",
              "copy messages to program 'true'")) {
        assertThatThrownBy(() -> run(role, sql))
            .as("%s: %s", role, sql)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      }
    }
  }

  /// Every privilege on every table, so that a new table or a wider grant is decided on here.
  @Test
  void noRoleHasMoreThanThis() throws SQLException {
    TreeMap<String, String> granted = new TreeMap<>();
    try (Connection connection = DriverManager.getConnection(URL);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                select grantee || ' ' || table_name,
                       string_agg(lower(privilege_type), ' ' order by privilege_type)
                from information_schema.role_table_grants
                where grantee like 'penstock\\_%' group by 1
                """)) {
      while (rows.next()) {
        granted.put(rows.getString(1), rows.getString(2));
      }
    }
    assertThat(granted)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("penstock_answers answer_leases", "delete insert select update"),
                Map.entry("penstock_answers conversations", "select"),
                Map.entry("penstock_answers dead_letters", "delete insert select update"),
                Map.entry("penstock_answers messages", "select"),
                Map.entry("penstock_bridge conversations", "select"),
                Map.entry("penstock_bridge messages", "select"),
                Map.entry("penstock_command commands", "insert select"),
                Map.entry("penstock_command conversations", "insert select"),
                Map.entry("penstock_command dead_letters", "delete select"),
                Map.entry("penstock_command messages", "insert select"),
                Map.entry("penstock_gateway conversations", "select"),
                Map.entry("penstock_gateway messages", "select"),
                Map.entry("penstock_shapes conversations", "select"),
                Map.entry("penstock_shapes messages", "select")));
  }

  @Test
  void aSecondMigrationOfTheClusterFindsTheRolesThere() {
    String other = TestStack.newDatabase();
    String slot = "s" + UUID.randomUUID().toString().replace("-", "");
    new Migrations(other, "postgres", "", "penstock", slot).migrate();
    assertThat(runs(other, "penstock_gateway", "select * from conversations")).isTrue();
    assertThat(runs(other, "postgres", "select pg_drop_replication_slot('" + slot + "')")).isTrue();
  }

  private static void run(String role, String sql) throws SQLException {
    run(URL, role, sql);
  }

  private static boolean runs(String url, String role, String sql) {
    try {
      run(url, role, sql);
      return true;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void run(String url, String role, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(PostgresServer.withoutUser(url), role, "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
