package dev.penstock.gateway.shape;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.contracts.Migrations;
import dev.penstock.stack.TestStack;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A policy that does not fit the database stops the start: nothing of it is left for a request.
class ShapePoliciesTest {
  private static final HikariDataSource DATABASE = database();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Test
  void policiesOfThisAppFit() {
    assertThatCode(() -> new ShapePolicies(ShapePolicies.OF_THIS_APP).verify(DATABASE))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "messages | id,nothing | id = $1 | 1 | does not fit the database",
        "messages | id | nothing = $1 | 1 | does not fit the database",
        "messages | id | id = $1 and | 1 | does not fit the database",
        "messages | id | id | 0 | does not fit the database",
        "messages | id | id = $1 | 2 | 2 values for the 1",
        "messages | id | id = $1 and role = $2 | 1 | 1 values for the 2",
        "messages | role | id = $1 | 1 | leaves out [id]",
        "nothing | id | id = $1 | 1 | does not fit the database",
      })
  void policyThatDoesNotFitIsNamed(
      String table, String columns, String where, int values, String message) {
    ShapePolicies policies =
        new ShapePolicies(
            List.of(new Policy(table, List.of(columns.split(",", -1)), where, values)));

    assertThatThrownBy(() -> policies.verify(DATABASE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("\"" + table + "\"")
        .hasMessageContaining(message);
  }

  private record Policy(String table, List<String> columns, String where, int count)
      implements ShapePolicy {
    @Override
    public List<ShapeParameter> parameters() {
      return List.of();
    }

    @Override
    public List<String> values(String caller, Map<String, String> params) {
      return List.of("a", "b").subList(0, count);
    }

    @Override
    public boolean permits(Connection database, String caller, Map<String, String> params) {
      return false;
    }
  }

  private static HikariDataSource database() {
    HikariDataSource database = new HikariDataSource();
    database.setJdbcUrl(TestStack.newDatabase());
    database.setMaximumPoolSize(1);
    new Migrations(
            database.getJdbcUrl(), "postgres", "", "penstock", "policies_" + System.nanoTime())
        .migrate();
    return database;
  }
}
