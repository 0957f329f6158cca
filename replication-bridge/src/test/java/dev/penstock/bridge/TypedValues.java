package dev.penstock.bridge;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A table with a column of every type, and one with a column of an array of every type; rows of
/// telling values, and nulls. Whatever brings values into the log is measured by [#texts].
final class TypedValues {
  /// A session's settings, hostile to whoever leaves the forms of values to the session; pgjdbc
  /// itself insists on ISO.
  static final String HOSTILE =
      "set TimeZone = 'Pacific/Kiritimati'; set DateStyle = 'ISO, MDY'; set IntervalStyle ="
          + " 'postgres_verbose'; set bytea_output = 'escape'; set extra_float_digits = -3";

  /// What the log has, and Electric: the forms in which values travel.
  static final String FORMS =
      "set TimeZone = 'UTC'; set DateStyle = 'ISO, DMY'; set IntervalStyle = 'iso_8601'; set"
          + " bytea_output = 'hex'; set extra_float_digits = 1";

  /// Base types that no column can be given a value of, by Postgres' own refusal.
  static final List<String> WITHOUT_INPUT =
      List.of(
          "gtsvector",
          "pg_brin_bloom_summary",
          "pg_brin_minmax_multi_summary",
          "pg_dependencies",
          "pg_mcv_list",
          "pg_ndistinct",
          "pg_node_tree");

  /// Types of which a cast to text is not what their output functions say.
  static final List<String> OTHERWISE_CAST = List.of("bool", "char(5)", "inet", "xml");

  static final List<String> DDL =
      List.of(
          "create type mood as enum ('calm', 'wi ld', 'o''clock')",
          "create domain posint as int check (value > 0)",
          "create domain short as varchar(3)",
          "create type pair as (a int, \"B b\" text)",
          "create type nested as (p pair, xs int[], at timestamptz)",
          "create type floats as range (subtype = float8, subtype_diff = float8mi)");

  /// A type and literals of it, the first of them the plainest.
  record Typed(String type, List<String> literals) {}

  static final List<Typed> ALL =
      List.of(
          typed("bool", "true", "f"),
          typed("\"char\"", "a", "\\377"),
          typed("int2", "-7", "32767", "-32768"),
          typed("int4", "7", "2147483647", "-2147483648"),
          typed("int8", "0", "9223372036854775807", "-9223372036854775808"),
          typed("float4", "1.1", "NaN", "-Infinity", "1e-40", "3.4028235e38", "-0"),
          typed("float8", "0.1", "NaN", "Infinity", "0.1234567890123456789", "1e300", "-0"),
          typed(
              "numeric",
              "1.10",
              "NaN",
              "Infinity",
              "-Infinity",
              "-0.000",
              "1e-30",
              "1" + "0".repeat(200)),
          typed("numeric(10,2)", "1.1", "-99999999.99", "NaN"),
          typed("numeric(5,-2)", "12345"),
          typed("money", "12.34", "-92233720368547758.08"),
          typed("text", "naïve \"quoted\" \\ ☃ 𝄞", "", " ", "NULL", "\t\n", "{}"),
          typed("varchar(7)", "ab ", ""),
          typed("char(5)", "ab", ""),
          typed("name", "n", "A b"),
          typed("bytea", "\\x00ff41", "", "\\x5c27"),
          typed(
              "date",
              "2026-11-22",
              "infinity",
              "-infinity",
              "0044-03-15 BC",
              "5874897-12-31",
              "4713-01-01 BC"),
          typed("time", "08:16:34.5", "24:00:00", "00:00:00", "23:59:59.999999"),
          typed("time(3)", "08:16:34.5"),
          typed("timetz", "08:16:34.5+02", "24:00:00-15:59:59", "00:00:00+05:30"),
          typed(
              "timestamp",
              "2026-11-22 08:16:34.12",
              "infinity",
              "-infinity",
              "0044-03-15 12:00:00 BC",
              "294276-12-31 23:59:59.999999",
              "0001-01-01 00:00:00"),
          typed("timestamp(3)", "2026-11-22 08:16:34.1236"),
          typed(
              "timestamptz",
              "2026-11-22 08:16:34.123456+05:30",
              "infinity",
              "-infinity",
              "0044-03-15 12:00:00+00 BC",
              "294276-12-31 23:59:59+00",
              "1883-11-18 12:03:57+00"),
          typed("timestamptz(3)", "2026-11-22 08:16:34.6+00"),
          typed("timestamptz(0)", "2026-11-22 08:16:34.6+00"),
          typed(
              "interval",
              "1 year 2 days 3 hours 0.5 seconds",
              "-1 mons +1 day -00:00:01",
              "0",
              "infinity",
              "-infinity"),
          typed("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
          typed("json", "{\"a\": 1,  \"b\":[]}", "null", "{\"a\":1,\"a\":\"\\u0000\"}"),
          typed("jsonb", "{\"b\":[], \"a\": 1e2}", "null", "\"x\"", "1.10"),
          typed("jsonpath", "$.a[*] ? (@ > 1)"),
          typed("xml", "<a>x</a>", "<?xml version=\"1.0\"?><a/>"),
          typed("bit(3)", "101"),
          typed("bit(12)", "000000000001"),
          typed("bit(1)", "1", "0"),
          typed("varbit", "10", "", "1010101010101", "0000000001"),
          typed("point", "(1.5,2)", "(NaN,Infinity)"),
          typed("line", "{1,-1,0}"),
          typed("lseg", "[(0,0),(1,1e-7)]"),
          typed("box", "(1,1),(0,0)"),
          typed("path", "((0,0),(1,1))", "[(0,0),(1,1)]"),
          typed("polygon", "((0,0),(1,1),(1,0))"),
          typed("circle", "<(0,0),1>"),
          typed("inet", "10.0.0.1/8", "::1", "10.0.0.1"),
          typed("cidr", "10.0.0.0/8", "2001:db8::/32"),
          typed("macaddr", "08:00:2b:01:02:03"),
          typed("macaddr8", "08:00:2b:01:02:03:04:05"),
          typed("tsvector", "'a':1A,2 'b c'", ""),
          typed("tsquery", "'a' & !'b':*"),
          typed("int4range", "[1,5)", "empty", "(,)"),
          typed("int8range", "[1,5]"),
          typed("numrange", "(1.10,2]"),
          typed("daterange", "[2026-11-22,infinity]"),
          typed("tsrange", "[2026-11-22 08:16:34,)"),
          typed("tstzrange", "[2026-11-22 08:16:34+00,infinity)"),
          typed("int4multirange", "{[1,5),[7,9)}", "{}"),
          typed("int8multirange", "{[1,5)}"),
          typed("nummultirange", "{(1.1,2]}"),
          typed("datemultirange", "{[2026-11-22,2026-11-23]}"),
          typed("tsmultirange", "{[2026-11-22 08:16:34,2026-11-23 00:00:00)}"),
          typed("tstzmultirange", "{[2026-11-22 08:16:34+00,)}"),
          typed("oid", "4294967295", "0"),
          typed("xid", "4294967295"),
          typed("xid8", "18446744073709551615"),
          typed("cid", "7"),
          typed("tid", "(4294967295,65535)"),
          typed("pg_lsn", "16/B374D848", "0/0"),
          typed("pg_snapshot", "10:20:10,14,15"),
          typed("txid_snapshot", "10:20:10,14,15"),
          typed("int2vector", "1 2"),
          typed("oidvector", "1 2"),
          typed("refcursor", "a cursor"),
          typed("aclitem", "postgres=r/postgres"),
          typed("regclass", "pg_class", "typed", "-"),
          typed("regtype", "int4", "mood"),
          typed("regproc", "now"),
          typed("regprocedure", "abs(numeric)"),
          typed("regoper", "||/"),
          typed("regoperator", "+(int4,int4)"),
          typed("regrole", "postgres"),
          typed("regnamespace", "public"),
          typed("regcollation", "\"C\""),
          typed("regconfig", "english"),
          typed("regdictionary", "simple"),
          typed("mood", "wi ld", "o'clock"),
          typed("posint", "1"),
          typed("short", "abc"),
          typed("pair", "(1,\"a \"\"b\"\", (\")", "(,)"),
          typed("nested", "(\"(1,x)\",\"{1,NULL}\",\"2026-11-22 08:16:34+00\")"),
          typed("floats", "[0.1,0.30000000000000004]"),
          typed("floats_multirange", "{[0.1,0.2)}"));

  private TypedValues() {}

  private static Typed typed(String type, String... literals) {
    return new Typed(type, List.of(literals));
  }

  /// Makes `typed (id, c0, c1, …)` and `typed_arrays`, with REPLICA IDENTITY FULL.
  static List<String> tables() {
    List<String> ddl = new ArrayList<>(DDL);
    for (String suffix : List.of("", "[]")) {
      String table = suffix.isEmpty() ? "typed" : "typed_arrays";
      ddl.add(
          IntStream.range(0, ALL.size())
              .mapToObj(i -> "c" + i + " " + ALL.get(i).type() + suffix)
              .collect(
                  Collectors.joining(
                      ", ", "create table " + table + " (id int primary key, ", ")")));
      ddl.add("alter table " + table + " replica identity full");
    }
    return ddl;
  }

  /// Rows with every literal of every type, one of nulls, and the like of arrays.
  static List<String> inserts() {
    List<String> inserts = new ArrayList<>();
    int rows = ALL.stream().mapToInt(typed -> typed.literals().size()).max().orElseThrow();
    for (int row = 0; row < rows; row++) {
      int nth = row;
      inserts.add(insert("typed", row, ALL.stream().map(typed -> literal(typed, nth)).toList()));
    }
    inserts.add(insert("typed", rows, ALL.stream().map(_ -> "null").toList()));
    inserts.add(insert("typed_arrays", 0, ALL.stream().map(TypedValues::array).toList()));
    inserts.add(insert("typed_arrays", 1, ALL.stream().map(_ -> "'{}'").toList()));
    inserts.add(insert("typed_arrays", 2, ALL.stream().map(TypedValues::matrix).toList()));
    inserts.add(insert("typed_arrays", 3, ALL.stream().map(_ -> "null").toList()));
    return inserts;
  }

  /// Rows with one value each, for who cannot take them all: by id, what the row holds.
  static Map<Integer, String> separateInserts(String table) {
    Map<Integer, String> inserts = new TreeMap<>();
    for (int column = 0; column < ALL.size(); column++) {
      Typed typed = ALL.get(column);
      List<String> values =
          table.equals("typed")
              ? typed.literals().stream().map(TypedValues::quote).toList()
              : List.of(array(typed), "'{}'", matrix(typed));
      for (String value : values) {
        int id = 10_000 + inserts.size();
        inserts.put(
            id, "insert into %s (id, c%d) values (%d, %s)".formatted(table, column, id, value));
      }
    }
    return inserts;
  }

  private static String insert(String table, int id, List<String> values) {
    return "insert into %s values (%d, %s)".formatted(table, id, String.join(", ", values));
  }

  private static String literal(Typed typed, int nth) {
    return nth < typed.literals().size() ? quote(typed.literals().get(nth)) : "null";
  }

  private static String array(Typed typed) {
    return typed.literals().stream()
        .map(TypedValues::quote)
        .collect(Collectors.joining(", ", "array[", ", null]::" + typed.type() + "[]"));
  }

  /// Two dimensions, with bounds of its own.
  private static String matrix(Typed typed) {
    String one = quote(typed.literals().getFirst());
    String row = "array[" + one + ", null]";
    return "array[" + row + ", " + row + "]::" + typed.type() + "[]";
  }

  private static String quote(String literal) {
    return "'" + literal.replace("'", "''") + "'";
  }

  /// The rows of a table, in the order of their ids, as the log is to have them.
  ///
  /// Not by casts to text but by the types' output functions, as everything that Postgres sends.
  /// The two differ for [#OTHERWISE_CAST]: a cast says `true` instead of `t`, strips the padding of
  /// `char(n)`, adds `/32` to an address and keeps the declaration of XML.
  static List<List<@Nullable String>> texts(Connection connection, String table)
      throws SQLException {
    return read(connection, table, "case when c%d is distinct from null then concat(c%d) end");
  }

  /// The rows by casts to text.
  static List<List<@Nullable String>> casts(Connection connection, String table)
      throws SQLException {
    return read(connection, table, "c%d::text");
  }

  private static List<List<@Nullable String>> read(
      Connection connection, String table, String expression) throws SQLException {
    String columns =
        IntStream.range(0, ALL.size())
            .mapToObj(i -> expression.replace("%d", Integer.toString(i)))
            .collect(Collectors.joining(", "));
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select " + columns + " from " + table + " order by id")) {
      while (row.next()) {
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 1; i <= ALL.size(); i++) {
          values.add(row.getString(i));
        }
        rows.add(values);
      }
    }
    return rows;
  }
}
