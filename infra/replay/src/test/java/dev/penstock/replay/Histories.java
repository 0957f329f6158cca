package dev.penstock.replay;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;

/// A table of every kind, and random histories of them.
final class Histories {
  static final String[] TYPES = {
    "bool",
    "\"char\"",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "numeric(10,2)",
    "money",
    "text",
    "varchar(7)",
    "char(5)",
    "name",
    "bytea",
    "uuid",
    "json",
    "jsonb",
    "date",
    "timestamp",
    "timestamp(3)",
    "timestamptz",
    "timestamptz(0)",
    "time",
    "time(2)",
    "interval",
    "bit(1)",
    "bit(11)",
    "inet",
    "cidr",
    "macaddr",
    "point",
    "box",
    "path",
    "circle",
    "int4range",
    "tstzrange",
    "tsvector",
    "xml",
    "int4[]",
    "text[]",
    "timestamptz[]",
    "bytea[]",
    "box[]",
    "numeric[]",
    "mood",
    "mood[]",
    "pair",
    "posint",
    "oid"
  };

  /// Two values of each.
  private static final String[][] VALUES = {
    {"true", "f"},
    {"a", "z"},
    {"-7", "32767"},
    {"7", "-2147483648"},
    {"0", "9223372036854775807"},
    {"1.1", "NaN"},
    {"0.1234567890123456789", "-Infinity"},
    {"1.10", "NaN"},
    {"1.1", "-99999999.99"},
    {"12.34", "-92233720368547758.08"},
    {"naïve \"quoted\" \\ ☃ 𝄞 ''", ""},
    {"ab ", ""},
    {"ab", ""},
    {"n", "A b"},
    {"\\x00ff41", ""},
    {"6a9c1f60-58cc-4372-a567-0e02b2c3d479", "00000000-0000-0000-0000-000000000000"},
    {"{\"a\" : [1, null]}", "\"x\""},
    {"{\"b\": 1.10}", "null"},
    {"2026-01-31", "0044-03-15 BC"},
    {"2026-01-31 23:59:59.999999", "infinity"},
    {"2026-01-31 23:59:59.123", "0044-03-15 01:02:03.5 BC"},
    {"2026-01-31 12:00:00.123456+02", "0044-03-15 00:00:00+00 BC"},
    {"2026-01-31 12:00:00+02", "-infinity"},
    {"24:00:00", "00:00:00.000001"},
    {"23:59:59.12", "00:00:00"},
    {"1 year 2 mons -3 days 04:05:06.7", "0"},
    {"1", "0"},
    {"00000000101", "11111111111"},
    {"10.0.0.1/8", "::1"},
    {"10.0.0.0/8", "::/0"},
    {"08:00:2b:01:02:03", "00:00:00:00:00:00"},
    {"(1.5,-2)", "(NaN,Infinity)"},
    {"(1,1),(0,0)", "(2,2),(-1,-1)"},
    {"[(0,0),(1,1)]", "((0,0),(1,1),(2,0))"},
    {"<(0,0),1>", "<(1,2),3.5>"},
    {"[1,5)", "empty"},
    {"[\"2026-01-01 00:00:00+00\",)", "empty"},
    {"''a'':1 ''b''", ""},
    {"<a>x</a>", "<b/>"},
    {"{1,NULL,-3}", "{{1,2},{3,4}}"},
    {"{a,\"b \\\"c\\\\\",NULL,\"NULL\",\"\"}", "{}"},
    {"{\"2026-01-31 12:00:00+02\"}", "{}"},
    {"{\"\\\\x00ff\"}", "{}"},
    {"{(1,1),(0,0);(2,2),(1,1)}", "{}"},
    {"{1.10,NaN}", "{}"},
    {"wi ld", "calm"},
    {"{\"wi ld\",calm}", "{}"},
    {"(1,\"x \\\"y\\\"\")", "(,)"},
    {"3", "9"},
    {"42", "4294967295"}
  };

  private Histories() {}

  static String[] ddl(String publication) {
    List<String> ddl = new ArrayList<>();
    ddl.addAll(types());
    StringBuilder columns = new StringBuilder("id int primary key");
    for (int i = 0; i < TYPES.length; i++) {
      columns.append(", \"c ").append(i).append("\" ").append(TYPES[i]);
    }
    ddl.add("create table typed (" + columns + ")");
    ddl.add("alter table typed replica identity full");
    ddl.add("create table \"Odd Name\" (a text, n int)");
    ddl.add("alter table \"Odd Name\" replica identity full");
    ddl.add("create table half (id bigint, part int, body text, n int, primary key (part, id))");
    ddl.add(
        "do $$ begin execute format('alter publication %I add table typed, \"Odd Name\", half',"
            + " (select pubname from pg_publication)); end $$");
    return ddl.toArray(String[]::new);
  }

  /// What a copy must have before its tables can be made.
  static List<String> types() {
    return List.of(
        "create type mood as enum ('calm', 'wi ld')",
        "create domain posint as int check (value > 0)",
        "create type pair as (a int, \"B b\" text)");
  }

  static void typed(TestArchive archive) throws SQLException {
    for (int which = 0; which < 2; which++) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < TYPES.length; i++) {
        String text = VALUES[i][which];
        values.add("'" + (text.contains("''") ? text : text.replace("'", "''")) + "'::" + TYPES[i]);
      }
      archive.commit(
          "insert into typed values (" + (2 * which) + ", " + String.join(", ", values) + ")",
          "insert into typed (id) values (" + (2 * which + 1) + ")");
    }
    archive.commit("insert into typed select 10 + id, \"c 0\" from typed");
    archive.commit("update typed set id = 20 where id = 10", "delete from typed where id = 11");
  }

  /// Transactions of a few changes each: conversations, growing answers, deletes, truncations.
  static void random(TestArchive archive, Random random, int transactions) throws SQLException {
    UUID conversation = new UUID(random.nextLong(), random.nextLong());
    String insert =
        "insert into messages select gen_random_uuid(), '%s', 'user', 'completed', repeat(md5(random()::text), %d), null, null, now(), now() from generate_series(1, %d)";
    for (int i = 0; i < transactions; i++) {
      switch (i == 0 ? 0 : random.nextInt(9)) {
        case 0 -> {
          conversation = new UUID(random.nextLong(), random.nextLong());
          archive.commit(
              "insert into conversations values ('" + conversation + "', 'o" + i + "', 't')",
              insert.formatted(conversation, 1, 3));
        }
        case 1, 2 -> archive.commit(insert.formatted(conversation, random.nextInt(40), 2));
        case 3 ->
            archive.commit(
                "update messages set content = content || 'ü', error = 'e', updated_at = now() where conversation_id = '%s'"
                    .formatted(conversation),
                "update conversations set title = title || '+'");
        case 4 ->
            archive.commit(
                "delete from messages where id in (select id from messages order by id limit 2)");
        case 5 ->
            archive.commit(
                "insert into half select coalesce(max(id), 0) + 1, %d, repeat('x', %d), 1 from half"
                    .formatted(i % 3, random.nextInt(9_000)),
                "update half set n = n + 1",
                "update half set part = part + 10 where id = " + random.nextInt(20));
        case 6 ->
            archive.commit(
                "insert into \"Odd Name\" values ('x', %d), ('x', %d), (null, null)"
                    .formatted(i, i),
                "update \"Odd Name\" set a = 'y' where n = " + random.nextInt(i + 1),
                "delete from \"Odd Name\" where n = " + random.nextInt(i + 1));
        case 7 -> {
          if (random.nextInt(3) == 0) {
            archive.commit(
                "insert into half values (999, 1, 'before', 0) on conflict do nothing",
                "truncate half",
                "insert into half values (998, 2, 'between', 0), (997, 3, 'between', 0)",
                "truncate half, \"Odd Name\"",
                "insert into half values (999, 1, 'after', 0), (1, 5, 'after', 0)");
          }
        }
        default -> {
          archive.source.setAutoCommit(false);
          TestArchive.run(archive.source, "update conversations set title = 'rolled back'");
          archive.source.rollback();
          archive.source.setAutoCommit(true);
        }
      }
    }
  }

  /// Transactions that do nothing but have a txid.
  static void burn(TestArchive archive, int transactions) throws SQLException {
    TestArchive.run(
        archive.source,
        "do $$ begin for i in 1..%d loop perform pg_current_xact_id(); commit; end loop; end $$"
            .formatted(transactions));
  }

  static long txid(TestArchive archive) throws SQLException {
    return Long.parseLong(
        Objects.requireNonNull(
            TestArchive.text(archive.source, "select pg_current_xact_id()::text")));
  }

  static String conversation(UUID id) {
    return "insert into conversations values ('%s', 'o', 't', '2026-01-01Z')".formatted(id);
  }

  static String message(int id, UUID conversation, String content) {
    return "insert into messages values ('%s', '%s', 'user', 'completed', '%s', null, null, '2026-01-01Z', '2026-01-01Z')"
        .formatted(new UUID(0, id), conversation, content);
  }
}
