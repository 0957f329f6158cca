package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.Relation;
import dev.penstock.shapes.where.Expr;
import dev.penstock.shapes.where.Sql;
import dev.penstock.shapes.where.Where;
import dev.penstock.stack.TestStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Clauses mean here what they mean to Postgres: its own reading of the text, ours of the rows, and
/// its reading of our SQL select the same rows.
class WhereDifferentialTest {
  private static final long SEED = Long.getLong("penstock.seed", System.nanoTime());
  private static final Relation TABLE =
      new Relation(
          1,
          1,
          "public",
          "w",
          "f",
          List.of(
              column("id", "int4"),
              column("t", "text"),
              column("n", "int8"),
              column("b", "bool"),
              column("u", "uuid"),
              column("z", "timestamptz"),
              column("m", "numeric"),
              column("f", "float8"),
              column("c", "bpchar")));

  private static Relation.Column column(String name, String type) {
    return new Relation.Column(name, 1, -1, type, "b", 0, false, name.equals("id") ? 0 : -1);
  }

  @Test
  void clausesSelectTheRowsThatPostgresSelects() throws SQLException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    try (Connection connection = DriverManager.getConnection(TestStack.newDatabase());
        Statement statement = connection.createStatement()) {
      statement.execute("set timezone = 'UTC'");
      statement.execute("set extra_float_digits = 1");
      statement.execute(
          "create table w (id int primary key, t text, n int8, b bool, u uuid, z timestamptz, m numeric, f float8, c char(4))");
      for (int i = 0; i < 80; i++) {
        statement.execute(
            "insert into w values (%d, %s, %s, %s, %s, %s, %s, %s, %s)"
                .formatted(
                    i,
                    pick(random, "null", "'a'", "'b'", "'ab%'", "''", "'Ä_é'", "'B'"),
                    pick(random, "null", "1", "2", "-3", "9007199254740993"),
                    pick(random, "null", "true", "false"),
                    pick(
                        random,
                        "null",
                        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
                        "'00000000-0000-0000-0000-000000000001'"),
                    pick(
                        random,
                        "null",
                        "'2026-01-01 00:00:00+00'",
                        "'2026-01-01 00:00:00.000001+00'",
                        "'infinity'",
                        "'0044-03-15 12:00:00 BC'"),
                    pick(random, "null", "1.50", "1.5", "'NaN'", "-2"),
                    pick(random, "null", "1.5", "'NaN'", "'-Infinity'", "0.1"),
                    pick(random, "null", "'a'", "'ab'", "'abcd'")));
      }
      for (int i = 0; i < 1_500; i++) {
        String where = clause(random, 3);
        Expr expr = Where.compile(where, Map.of(1, "1", 2, "a"), TABLE, null);
        Set<String> wanted = ids(statement, where.replace("$1", "'1'").replace("$2", "'a'"));
        assertThat(ours(statement, expr)).as("seed %d: %s", SEED, where).isEqualTo(wanted);
        assertThat(bound(connection, expr)).as("seed %d: SQL of %s", SEED, where).isEqualTo(wanted);
      }
    }
  }

  private static String clause(Random random, int depth) {
    if (depth == 0 || random.nextInt(4) == 0) {
      return leaf(random);
    }
    return switch (random.nextInt(5)) {
      case 0 -> clause(random, depth - 1) + " AND " + clause(random, depth - 1);
      case 1 -> clause(random, depth - 1) + " OR " + clause(random, depth - 1);
      case 2 -> "NOT " + leaf(random) + pick(random, "", " AND b", " OR b IS NULL");
      case 3 -> "NOT (" + clause(random, depth - 1) + ")";
      default -> "(" + clause(random, depth - 1) + ")";
    };
  }

  private static String leaf(Random random) {
    String operator = pick(random, "=", "<>", "!=", "<", ">", "<=", ">=");
    String equality = pick(random, "=", "<>");
    String not = pick(random, "", "NOT ");
    return switch (random.nextInt(18)) {
      case 0 -> "t " + equality + " " + pick(random, "'a'", "$2", "''", "'Ä_é'");
      case 1 ->
          "n "
              + operator
              + " "
              + pick(random, "1", "-3", "'2'", "$1", "9007199254740992", "$1::int8");
      case 2 -> pick(random, "1", "$1", "'2'") + " " + operator + " n";
      case 3 ->
          "u "
              + operator
              + " "
              + pick(
                  random,
                  "'A0EEBC999C0B4EF8BB6D6BB9BD380A11'",
                  "'{00000000-0000-0000-0000-000000000001}'::uuid");
      case 4 ->
          "z "
              + operator
              + " "
              + pick(
                  random,
                  "'2026-01-01T00:00:00Z'",
                  "'2026-01-01 01:00:00.000001+01'",
                  "'infinity'",
                  "'2026-01-01'");
      case 5 -> "m " + operator + " " + pick(random, "1.5", "'NaN'", "-2", "1");
      case 6 -> "f " + operator + " " + pick(random, "1.5", "'NaN'", "0.1", "'Infinity'", "1e-1");
      case 7 -> pick(random, "t", "n", "b", "u", "z", "m", "f", "c") + " IS " + not + "NULL";
      case 8 -> "t " + not + "IN ('a', 'ab%'" + pick(random, "", ", NULL") + ")";
      case 9 -> "n " + not + "IN (1, $1, -3)";
      case 10 -> "t = ANY('{a,\"ab%\",b" + pick(random, "", ",NULL") + "}')";
      case 11 -> "t " + not + "LIKE " + pick(random, "'a%'", "'%b\\%'", "'_'", "'%'", "''", "$2");
      case 12 -> "t " + not + "ILIKE " + pick(random, "'A%'", "'b'", "'%B%'");
      case 13 -> "n " + not + "BETWEEN -3 AND 1";
      case 14 -> "b IS " + not + pick(random, "TRUE", "FALSE");
      case 15 -> "(n IS " + not + "DISTINCT FROM " + pick(random, "1", "$1") + ")";
      case 16 -> pick(random, "true = true", "b", "b = true", "true", "false", "b = 't'", "1 = 2");
      default -> "c " + equality + " " + pick(random, "'a'", "'ab  '", "'abcd'");
    };
  }

  private static Set<String> ours(Statement statement, Expr expr) throws SQLException {
    Set<String> ids = new TreeSet<>();
    try (ResultSet row =
        statement.executeQuery(
            "select id::text, t, n::text, b::text, u::text, z::text, m::text, f::text, c from w")) {
      while (row.next()) {
        List<String> texts = new ArrayList<>();
        for (int i = 1; i <= 9; i++) {
          texts.add(row.getString(i));
        }
        if (expr.holds(texts::get)) {
          ids.add(row.getString(1));
        }
      }
    }
    return ids;
  }

  private static Set<String> bound(Connection connection, Expr expr) throws SQLException {
    Sql sql = new Sql().append(expr);
    try (PreparedStatement statement =
        connection.prepareStatement("select id::text from w where " + sql.text())) {
      for (int i = 0; i < sql.values().size(); i++) {
        statement.setString(i + 1, sql.values().get(i));
      }
      return collect(statement.executeQuery());
    }
  }

  private static Set<String> ids(Statement statement, String where) throws SQLException {
    return collect(statement.executeQuery("select id::text from w where " + where));
  }

  private static Set<String> collect(ResultSet rows) throws SQLException {
    try (rows) {
      Set<String> ids = new TreeSet<>();
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
      return ids;
    }
  }

  private static String pick(Random random, String... values) {
    return values[random.nextInt(values.length)];
  }
}
