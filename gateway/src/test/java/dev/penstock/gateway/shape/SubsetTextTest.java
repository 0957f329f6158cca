package dev.penstock.gateway.shape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubsetTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "true = true",
        "\"role\" = $1",
        "(\"role\" = $1) AND (\"created_at\" > $2)",
        "\"id\" = ANY($1)",
        "\"id\" = ANY ($1)",
        "NOT (\"role\" = $1)",
        "\"error\" IS NOT NULL",
        "\"a\"\"b\" IS NULL",
        "LOWER(\"content\") LIKE $1",
        "COALESCE(\"error\",$1) = $2 OR LENGTH(CONCAT(\"a\",\"b\")) > $3",
        "content like 'it''s (not) select; -- a comment'",
        "created_at between $1 and $2",
        "status in ('pending', 'failed')",
        "$1::uuid = id",
        "cast(n as numeric(10,2)) > -1.5",
        "tags @> '{a}' and tags[1] is distinct from 'b'",
        "n - -1 > 2 * (3 / 4) % 5",
        "\"select\" = \"table\".\"values\"",
      })
  void conditionOfTheProtocolPasses(String where) {
    assertThat(SubsetText.isCondition(where)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true) or (true",
        ")",
        "(",
        "a = [1",
        "true; table commands",
        "true --",
        "true /* x",
        "*/ true",
        "(SELECT 1) = 1",
        "(Table commands) is null",
        "(values (1)) = 1",
        "exists (with a as (b) c)",
        "query_to_xml('x')",
        "\"query_to_xml\"('x')",
        "pg_catalog.pg_read_file ('x')",
        "\"a\".\"lower(\"('x')",
        "a operator(pg_catalog.=) b",
        "E'\\') or true'",
        "n'x' = 'x'",
        "u&\"x\" = 1",
        "$$x$$ = 'x'",
        "$a$x$a$ = 'x'",
        "$1$x$ = 'x'",
        "$1a = 'x'",
        "'",
        "'a'' = 1",
        "\"a",
        "a \\ b",
        "a = \u2019x\u2019",
        "\u0430 = 1",
        "a = `x`",
        "a = {b}",
        "a\u0000",
      })
  void whatIsMoreThanAConditionDoesNot(String where) {
    assertThat(SubsetText.isCondition(where)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id",
        "\"created_at\" DESC NULLS LAST,\"id\" asc",
        " a nulls first , b ",
        "\"a b(c)\""
      })
  void columnsToOrderByPass(String order) {
    assertThat(SubsetText.isOrder(order)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "id,",
        "1",
        "id desc asc",
        "lower(id)",
        "id::int",
        "(table x)",
        "id; x",
        "id --",
        "\"",
        "$1",
        "id using <",
        "\"a\"\"b\" desc; x"
      })
  void anythingElseToOrderByDoesNot(String order) {
    assertThat(SubsetText.isOrder(order)).isFalse();
  }

  @Test
  void longTextsNeedNoStack() {
    assertThat(SubsetText.isCondition("(".repeat(100_000) + ")".repeat(100_000))).isTrue();
    assertThat(SubsetText.isCondition("'" + "''".repeat(100_000) + "'")).isTrue();
    assertThat(SubsetText.isOrder("\"" + "a".repeat(100_000) + "\"")).isFalse();
  }
}
