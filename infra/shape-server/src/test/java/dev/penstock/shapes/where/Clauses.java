package dev.penstock.shapes.where;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/// Random clauses over the [Oracle]'s table: well typed, for the most part.
final class Clauses {
  private final Random random;
  private final Map<Integer, String> params = new HashMap<>();

  Clauses(Random random) {
    this.random = random;
  }

  Map<Integer, String> params() {
    return params;
  }

  /// The clause with its parameters as literals, as Postgres' own reading of an untyped one.
  String inlined(String where) {
    String text = where;
    for (Map.Entry<Integer, String> param : params.entrySet()) {
      text =
          text.replace("$" + param.getKey() + "#", "'" + param.getValue().replace("'", "''") + "'");
    }
    return text.replace("#", "").replace("?", "??");
  }

  String bool(int depth) {
    if (depth == 0) {
      return leaf();
    }
    return switch (random.nextInt(9)) {
      case 0 -> bool(depth - 1) + " AND " + bool(depth - 1);
      case 1 -> bool(depth - 1) + " OR " + bool(depth - 1);
      case 2 -> "NOT " + leaf();
      case 3 -> "NOT (" + bool(depth - 1) + ")";
      case 4 ->
          "("
              + bool(depth - 1)
              + ")"
              + pick(" IS ", " IS NOT ")
              + pick("TRUE", "FALSE", "UNKNOWN", "NULL");
      case 5 -> "(" + bool(depth - 1) + ")";
      default -> leaf();
    };
  }

  private String leaf() {
    String not = pick("", "NOT ");
    return switch (random.nextInt(15)) {
      case 0 -> pick("b", "true", "false", "b = true", "true = true", "b <> 'f'", "b < true");
      case 1 -> any(0) + " IS " + not + "NULL";
      case 2 -> text(1) + " " + not + pick("LIKE ", "ILIKE ") + pattern();
      case 3 -> in(not);
      case 4 -> between(not);
      case 5 -> "(" + pair(" IS " + not + "DISTINCT FROM ", 1) + ")";
      case 6 -> quantified();
      case 7 -> arrays();
      case 8 -> "e " + pick("=", "<>") + pick(" 'ok'", " 'sad'") + pick("", " ");
      default -> pair(" " + pick("=", "<>", "!=", "<", ">", "<=", ">=") + " ", 2);
    };
  }

  private String pair(String operator, int depth) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> number(depth) + operator + number(depth);
      case 3, 4 -> text(depth) + operator + text(depth);
      case 5 -> moment(depth) + operator + moment(depth);
      case 6 -> interval(depth) + operator + interval(depth);
      case 7 -> time(depth) + operator + time(depth);
      case 8 -> untyped();
      default ->
          pick("u", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid")
              + operator
              + pick("u", "'A0EEBC999C0B4EF8BB6D6BB9BD380A11'", "coalesce(u, $u)")
                  .replace("$u", param("00000000-0000-0000-0000-000000000001"));
    };
  }

  /// Strings and parameters, which take the other side's type.
  private String untyped() {
    String operator = pick(" = ", " <> ", " < ", " >= ");
    return switch (random.nextInt(6)) {
      case 0 -> pick("i2", "i4", "i8") + operator + param("7");
      case 1 -> param("1.5") + operator + pick("m", "f", "r", "f + 1", "r * 2");
      case 2 -> pick("d", "s", "z") + operator + param("2026-01-31");
      case 3 -> pick("t", "v", "c") + operator + param(pick("a", "A", "ab", "12", "it's"));
      case 4 -> "s" + pick(" + ", " - ") + "interval '1 mon'" + operator + "'1999-12-31 23:59:59'";
      default -> "iv" + operator + pick("'30 days'", "'1 mon'", "'P1M'", "'36:00'", "'-1 day 2h'");
    };
  }

  private String any(int depth) {
    return pick(
        number(depth), text(depth), moment(depth), "b", "u", "e", "ia", "ta", "c", "iv", "h");
  }

  private String number(int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return pick(
          "i2",
          "i4",
          "i8",
          "m",
          "r",
          "f",
          "0",
          "1",
          "2",
          "7",
          "-1",
          "1.5",
          "0.1",
          "-2.50",
          "3",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "1e3",
          ".5",
          "12345678901234567890",
          "'1'::int2",
          "'0.1'::float4",
          "'1e300'::float8",
          "'NaN'::numeric",
          "1e-5::numeric");
    }
    Supplier<String> one = () -> number(depth - 1);
    return switch (random.nextInt(12)) {
      case 0 -> "(" + one.get() + " + " + one.get() + ")";
      case 1 -> "(" + one.get() + " - " + one.get() + ")";
      case 2 -> "(" + one.get() + " * " + one.get() + ")";
      case 3 -> "(" + one.get() + " / " + one.get() + ")";
      case 4 -> "(" + one.get() + " % " + one.get() + ")";
      case 5 -> "- " + one.get();
      case 6 -> "abs(" + one.get() + ")";
      case 7 -> one.get() + "::" + pick("int2", "int4", "bigint", "numeric", "real", "float8");
      case 8 -> pick("length(", "char_length(") + text(depth - 1) + ")";
      case 9 -> pick("coalesce(", "greatest(", "least(") + one.get() + ", " + one.get() + ")";
      case 10 -> "nullif(" + one.get() + ", " + one.get() + ")";
      default ->
          pick(
              "i4 + i2 * 2",
              "i4 - i2 - 1",
              "7 / 2 * 2",
              "- i2 + 1",
              "-i4::int8",
              "d - '2026-01-01'",
              "(t::int)",
              "v::numeric",
              "b::int",
              "-7 % 3");
    };
  }

  private String text(int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return pick(
          "t", "v", "'a'::text", "'ÄB'::varchar", "t", "'x'::text", "''::text", "'İ'::text", "v");
    }
    Supplier<String> one = () -> text(depth - 1);
    return switch (random.nextInt(9)) {
      case 0 -> "lower(" + one.get() + ")";
      case 1 -> "upper(" + one.get() + ")";
      case 2 -> "(" + one.get() + " || " + pick("'%'", "t", "c", "i4", "m", "b", "u", "e") + ")";
      case 3 -> "concat(" + one.get() + ", '-', " + pick("i8", "m", "f", "d", "z", "t", "e") + ")";
      case 4 -> pick("coalesce(", "greatest(", "least(") + one.get() + ", 'zz')";
      case 5 -> "nullif(" + one.get() + ", 'a')";
      case 6 -> pick("i2", "m", "b", "u", "z", "d", "s", "iv", "f", "r", "h", "e", "c") + "::text";
      case 7 -> "CAST(" + number(0) + " * 2 AS text)";
      default -> "lower(c)";
    };
  }

  private String moment(int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return pick(
          "d",
          "s",
          "z",
          "date '2026-01-31'",
          "timestamp '2024-02-29 12:00:00.5'",
          "'2026-01-31T00:00:00Z'::timestamptz",
          "timestamptz '2026-01-01 02:00:00.000001+02'",
          "'infinity'::timestamp",
          "'-infinity'::date");
    }
    return switch (random.nextInt(7)) {
      case 0, 1 -> "(" + moment(depth - 1) + pick(" + ", " - ") + interval(depth - 1) + ")";
      case 2 -> "(d" + pick(" + ", " - ") + pick("1", "i4", "i2", "-400") + ")";
      case 3 -> "(d + " + time(0) + ")";
      case 4 -> moment(depth - 1) + "::" + pick("date", "timestamp", "timestamptz");
      case 5 -> "coalesce(" + moment(depth - 1) + ", " + moment(depth - 1) + ")";
      default -> "(" + interval(depth - 1) + " + " + moment(depth - 1) + ")";
    };
  }

  private String interval(int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return pick(
          "iv",
          "iv",
          "interval '1 day'",
          "'1 month'::interval",
          "interval '-3 hours'",
          "interval 'P1Y2M3DT4H5M6.5S'",
          "interval '1 year -2 days 03:04:05.000001'");
    }
    return switch (random.nextInt(6)) {
      case 0 -> "(" + interval(depth - 1) + pick(" + ", " - ") + interval(depth - 1) + ")";
      case 1 -> "(" + moment(depth - 1) + " - " + pick("s", "z") + ")";
      case 2 -> "(" + interval(depth - 1) + " * " + pick("2", "0.5", "-1.5", "i2", "f", "m") + ")";
      case 3 -> "(" + interval(depth - 1) + " / " + pick("2", "3", "0.7", "i2", "f") + ")";
      case 4 -> "(" + time(0) + " - " + time(0) + ")";
      default -> "- " + interval(depth - 1);
    };
  }

  private String time(int depth) {
    return depth == 0 || random.nextBoolean()
        ? pick("h", "time '12:34:56.5'", "s::time", "'23:00'::time")
        : "(" + time(depth - 1) + pick(" + ", " - ") + interval(depth - 1) + ")";
  }

  private String pattern() {
    return pick(
        "'a%'",
        "'%b\\%'",
        "'_'",
        "'%'",
        "''",
        "'Ä%'",
        "'%\\\\%'",
        "'a!%' ESCAPE '!'",
        "t",
        "v || '%'",
        "'%\\'",
        "lower(v)",
        "'STRASSE'",
        "'straße'",
        "'i̇'",
        "'%' || t",
        "'_x'",
        "'a\\b' ESCAPE ''",
        param("%a%"));
  }

  private String in(String not) {
    return switch (random.nextInt(6)) {
      case 0 -> "t " + not + "IN ('a', 'ab%'" + pick("", ", NULL", ", v") + ")";
      case 1 ->
          number(1) + " " + not + "IN (1, 7" + pick("", ", 1.5", ", -1", ", i4", ", '12'") + ")";
      case 2 -> pick("r", "f", "m") + " " + not + "IN (0.1" + pick("", ", 7", ", -1.5") + ")";
      case 3 -> pick("d", "s", "z") + " " + not + "IN ('2026-01-31', 'infinity')";
      case 4 -> "u " + not + "IN (NULL, '00000000-0000-0000-0000-000000000001')";
      default -> pick("c", "e", "v") + " " + not + "IN ('ok', 'sad')" + pick("", " AND b");
    };
  }

  private String between(String not) {
    String symmetric = pick("", "SYMMETRIC ", "ASYMMETRIC ");
    String words = " " + not + "BETWEEN " + symmetric;
    return switch (random.nextInt(3)) {
      case 0 -> number(1) + words + number(1) + " AND " + number(1);
      case 1 -> text(0) + words + "'A' AND " + text(0);
      default -> moment(0) + words + moment(0) + " AND " + moment(0);
    };
  }

  private String quantified() {
    String operator = pick("=", "<>", "<", ">=");
    String each = pick(" ANY (", " ALL (");
    return switch (random.nextInt(6)) {
      case 0 -> pick("t", "v") + " " + operator + each + param("{a,\"ab%\",NULL}") + ")";
      case 1 -> pick("i4", "i8 + 1") + " " + operator + each + param("{1,7,-3}") + ")";
      case 2 -> pick("i4", "m", "7") + " " + operator + each + "ia)";
      case 3 -> "t " + operator + each + pick("ta)", "'{}')", "'{a}'::text[])");
      case 4 -> "i2 " + operator + each + pick("ARRAY[1, 2])", "'{1,NULL}'::int8[])");
      default -> param("1") + " = ANY (ia)";
    };
  }

  private String arrays() {
    String operator = pick(" = ", " <> ", " @> ", " <@ ", " && ");
    return switch (random.nextInt(3)) {
      case 0 ->
          "ia" + operator + pick("ia", "'{1,2}'", "ARRAY[1, 7]", "'{}'::int4[]", "'{1,NULL}'");
      case 1 ->
          "ta" + operator + pick("ta", "'{a}'", "ARRAY['12']", param("{\"a\\\\b\",B,a,\"\"}"));
      default -> pick("'{1}'", "'{7,1}'::int4[]") + operator + "ia";
    };
  }

  private String param(String value) {
    int number = params.size() + 1;
    params.put(number, value);
    return "$" + number + "#";
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
