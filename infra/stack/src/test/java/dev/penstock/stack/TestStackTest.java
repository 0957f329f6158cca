package dev.penstock.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TestStackTest {

  @Test
  void everyDatabaseIsNewAndShowsValuesInAHostileWay() throws SQLException {
    String first = TestStack.newDatabase();
    String second = TestStack.newDatabase();

    assertThat(first).isNotEqualTo(second);
    assertThat(defaultOf(first, "TimeZone")).isEqualTo("Australia/Eucla");
    assertThat(defaultOf(first, "DateStyle")).isEqualTo("SQL, DMY");
    assertThat(defaultOf(first, "bytea_output")).isEqualTo("escape");
    assertThat(defaultOf(first, "fsync")).isEqualTo("on");
    assertThat(defaultOf(first, "wal_level")).isEqualTo("logical");
  }

  @Test
  void creatingATopicTwiceIsNoError() {
    String topic = TestStack.newTopicPrefix() + "twice";

    TestStack.createTopic(topic, 3, Map.of());
    TestStack.createTopic(topic, 3, Map.of());

    assertThat(TestStack.kafka().isRunning()).isTrue();
  }

  /// The driver sets some for its own session; this is what any other session gets.
  private static String defaultOf(String url, String setting) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "select setting from pg_file_settings where lower(name) = lower('"
                    + setting
                    + "') and applied")) {
      assertThat(result.next()).isTrue();
      return result.getString(1);
    }
  }
}
