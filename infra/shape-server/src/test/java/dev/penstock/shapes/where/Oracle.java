package dev.penstock.shapes.where;

import dev.penstock.contracts.log.Relation;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A table of random rows in Postgres, and what Postgres says of each of them.
final class Oracle implements AutoCloseable {
  private static final int ROWS = 24;
  private static final String[][] COLUMNS = {
    {"id", "int4", "0"},
    {"i2", "int2", "0", "1", "-1", "7", "32767", "-32768"},
    {"i4", "int4", "0", "1", "-3", "12", "2147483647", "-2147483648"},
    {"i8", "int8", "0", "2", "-5", "9007199254740993", "9223372036854775807"},
    {
      "m",
      "numeric",
      "0",
      "1.50",
      "-2",
      "NaN",
      "Infinity",
      "-Infinity",
      "123456789012345678.9012",
      "0.000000000123",
      "1e30",
      "-0.5",
      "7"
    },
    {"r", "float4", "0", "0.1", "-1.5", "NaN", "Infinity", "3.4e38", "1e-40", "7"},
    {"f", "float8", "0", "0.1", "-1.5", "NaN", "-Infinity", "1e308", "5e-324", "7", "1e15"},
    {
      "t", "text", "", "a", "B", "ab%", "Ä_é", "ß", "İ", "😀x", "a\\b", "%", " a ", "12", "-7", "t",
      "1.5", "Ａ"
    },
    {"v", "varchar", "", "a", "A", "Straße", "12", "x_y"},
    {"c", "bpchar", "", "a", "ab", "abcd", "A"},
    {"b", "bool", "true", "false"},
    {"u", "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001"},
    {
      "d",
      "date",
      "2026-01-31",
      "2024-02-29",
      "infinity",
      "-infinity",
      "0044-03-15 BC",
      "5874897-12-31",
      "1999-12-31"
    },
    {"h", "time", "00:00", "23:59:59.999999", "12:34:56.5", "24:00"},
    {
      "s",
      "timestamp",
      "2026-01-31 00:00:00",
      "2024-02-29 12:00:00.5",
      "infinity",
      "294276-12-31 23:59:59.999999",
      "4714-11-24 00:00:00 BC",
      "1999-12-31 23:59:59"
    },
    {
      "z",
      "timestamptz",
      "2026-01-31 00:00:00+00",
      "2026-01-01 00:00:00.000001+00",
      "-infinity",
      "infinity",
      "0044-03-15 12:00:00+00 BC"
    },
    {
      "iv",
      "interval",
      "0",
      "1 mon",
      "30 days",
      "-1 day 02:00:00.5",
      "1 year 2 mons",
      "36:00:00",
      "infinity",
      "2147483647 days"
    },
    {"e", "mood", "sad", "ok", "Happy"},
    {"ia", "int4[]", "{}", "{1,2}", "{1,NULL}", "{{1,2},{3,4}}", "[0:1]={1,2}", "{7}"},
    {"ta", "text[]", "{}", "{a,B}", "{NULL}", "{\"a\\\\b\",\"\"}", "{12}"}
  };

  /// The table as the log describes it.
  static final Relation TABLE =
      new Relation(
          1,
          1,
          "public",
          "w",
          "f",
          Arrays.stream(COLUMNS).map(column -> column(column[0], column[1])).toList());

  /// What becomes of a row.
  enum Answer {
    IN,
    OUT,
    FAILS,
    /// The clause is not understood at all.
    REFUSED
  }

  private final Connection connection;
  private final List<List<@Nullable String>> rows = new ArrayList<>();

  private static Relation.Column column(String name, String type) {
    boolean array = type.endsWith("[]");
    return new Relation.Column(
        name,
        1,
        -1,
        array ? type.substring(0, type.length() - 2) : type,
        type.equals("mood") ? "e" : "b",
        array ? 1 : 0,
        false,
        name.equals("id") ? 0 : -1);
  }

  Oracle(String jdbcUrl, Random random) throws SQLException {
    connection = DriverManager.getConnection(jdbcUrl);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set timezone = 'UTC'; set datestyle = 'ISO, DMY'");
      statement.execute("set intervalstyle = 'iso_8601'; set extra_float_digits = 1");
      statement.execute("create type mood as enum ('sad', 'ok', 'Happy')");
      statement.execute("create table w (" + definitions() + ")");
      for (int i = 0; i < ROWS; i++) {
        insert(statement, random, i);
      }
      statement.execute("analyze w");
      read(statement);
    }
  }

  private static String definitions() {
    List<String> definitions = new ArrayList<>();
    for (String[] column : COLUMNS) {
      definitions.add(column[0] + " " + (column[1].equals("bpchar") ? "char(4)" : column[1]));
    }
    return String.join(", ", definitions);
  }

  private static void insert(Statement statement, Random random, int id) throws SQLException {
    List<String> values = new ArrayList<>(List.of(String.valueOf(id)));
    for (String[] column : Arrays.copyOfRange(COLUMNS, 1, COLUMNS.length)) {
      int chosen = 1 + random.nextInt(column.length - 1);
      values.add(chosen == 1 ? "null" : "'" + column[chosen] + "'");
    }
    statement.execute("insert into w values (" + String.join(", ", values) + ")");
  }

  /// As the output functions print it, which is what the log has.
  private void read(Statement statement) throws SQLException {
    List<String> printed = new ArrayList<>();
    for (String[] column : COLUMNS) {
      printed.add("case when %1$s is not null then format('%%s', %1$s) end".formatted(column[0]));
    }
    try (ResultSet row =
        statement.executeQuery("select " + String.join(", ", printed) + " from w order by id")) {
      while (row.next()) {
        List<@Nullable String> texts = new ArrayList<>();
        for (int i = 1; i <= COLUMNS.length; i++) {
          texts.add(row.getString(i));
        }
        rows.add(texts);
      }
    }
  }

  String row(int row) {
    return String.valueOf(rows.get(row));
  }

  Answer ours(Expr expr, int row) {
    try {
      return expr.holds(rows.get(row)::get) ? Answer.IN : Answer.OUT;
    } catch (ArithmeticException | IllegalArgumentException e) {
      return Answer.FAILS;
    }
  }

  /// What Postgres makes of the text.
  Answer[] reading(String where) throws SQLException {
    return bound(new Sql().append(where));
  }

  /// What Postgres makes of our SQL.
  Answer[] bound(Sql where) throws SQLException {
    Answer[] answers = new Answer[ROWS];
    try (PreparedStatement all =
        connection.prepareStatement("select (" + where.text() + ") from w order by id")) {
      fill(all, where);
      try (ResultSet result = all.executeQuery()) {
        for (int i = 0; result.next(); i++) {
          answers[i] = result.getBoolean(1) ? Answer.IN : Answer.OUT;
        }
      }
      return answers;
    } catch (SQLException e) {
      if (!fails(e)) {
        Arrays.fill(answers, Answer.REFUSED);
        return answers;
      }
    }
    for (int i = 0; i < ROWS; i++) {
      answers[i] = bound(where, i);
    }
    return answers;
  }

  private Answer bound(Sql where, int row) throws SQLException {
    try (PreparedStatement one =
        connection.prepareStatement("select (" + where.text() + ") from w where id = " + row)) {
      fill(one, where);
      try (ResultSet result = one.executeQuery()) {
        result.next();
        return result.getBoolean(1) ? Answer.IN : Answer.OUT;
      }
    } catch (SQLException e) {
      return fails(e) ? Answer.FAILS : Answer.REFUSED;
    }
  }

  private static boolean fails(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("22") || state.equals("0A000");
  }

  private static void fill(PreparedStatement statement, Sql where) throws SQLException {
    for (int i = 0; i < where.values().size(); i++) {
      statement.setString(i + 1, where.values().get(i));
    }
  }

  /// Each letter that has a case, with its lower and its upper one.
  Map<String, List<String>> cases() throws SQLException {
    Map<String, List<String>> cases = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select c, lower(c collate "pg_c_utf8"), upper(c collate "pg_c_utf8")
                from (select chr(i) as c from generate_series(1, 131071) i
                      where i not between 55296 and 57343)
                where c <> lower(c collate "pg_c_utf8") or c <> upper(c collate "pg_c_utf8")
                """)) {
      while (row.next()) {
        cases.put(row.getString(1), List.of(row.getString(2), row.getString(3)));
      }
    }
    return cases;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
