package dev.penstock.shapes.where;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.stack.TestStack;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Clauses mean here what they mean to Postgres: its own reading of the text, ours of the rows, and
/// its reading of our SQL give the same for every row, or an error.
///
/// `-Dpenstock.seed=…` repeats a run, `-Dpenstock.clauses=100000` makes a longer one.
class WhereDifferentialTest {
  private static final long SEED = Long.getLong("penstock.seed", System.nanoTime());
  private static final boolean VERBOSE = Boolean.getBoolean("penstock.verbose");
  private static final int CLAUSES = Integer.getInteger("penstock.clauses", 2_000);

  /// What of a clause that fails for a row is evaluated at all is the planner's to choose.
  private static final Pattern LAZY = Pattern.compile("AND|OR|IN|ANY|ALL|coalesce|nullif|concat");

  private final List<String> differences = new ArrayList<>();
  private int accepted;
  private int failing;

  @Test
  void clausesMeanWhatTheyMeanToPostgres() throws SQLException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    try (Oracle oracle = new Oracle(TestStack.newDatabase(), random)) {
      for (int i = 0; i < CLAUSES && differences.size() < 5; i++) {
        Clauses clauses = new Clauses(random);
        compare(oracle, clauses, clauses.bool(3));
      }
    }
    System.out.printf("%d of %d accepted, %d fail for a row%n", accepted, CLAUSES, failing);
    assertThat(differences).as("seed %d", SEED).isEmpty();
    // A test that refuses everything agrees with everything.
    assertThat(accepted).isGreaterThan(CLAUSES * 8 / 10);
  }

  private void compare(Oracle oracle, Clauses clauses, String marked) throws SQLException {
    String where = marked.replace("#", "");
    Expr expr;
    try {
      expr = Where.compile(where, clauses.params(), Oracle.TABLE, null);
    } catch (WhereException e) {
      if (VERBOSE) {
        System.out.println(e.getMessage() + "   " + where);
      }
      return;
    }
    accepted++;
    Oracle.Answer[] wanted = oracle.reading(clauses.inlined(marked));
    Oracle.Answer[] bound = oracle.bound(new Sql().append(expr));
    failing += Arrays.asList(wanted).contains(Oracle.Answer.FAILS) ? 1 : 0;
    boolean lazy = LAZY.matcher(where).find();
    for (int row = 0; row < wanted.length; row++) {
      Oracle.Answer ours = oracle.ours(expr, row);
      boolean chosen = lazy && List.of(wanted[row], ours, bound[row]).contains(Oracle.Answer.FAILS);
      if (!chosen && (ours != wanted[row] || bound[row] != wanted[row])) {
        differences.add(
            "%s %s: Postgres %s, ours %s, our SQL %s, row %s"
                .formatted(
                    where, clauses.params(), wanted[row], ours, bound[row], oracle.row(row)));
        return;
      }
    }
  }

  @Test
  void lettersHaveThePostgresCase() throws SQLException {
    try (Oracle oracle = new Oracle(TestStack.newDatabase(), new Random(1))) {
      Map<String, List<String>> cases = new LinkedHashMap<>(oracle.cases());
      cases.forEach((letter, mapped) -> {
        int c = letter.codePointAt(0);
        // A letter that the other side's version of Unicode does not have yet stays as it is.
        if (Character.isDefined(c) && c < 0x1_0000) {
          assertThat(List.of(lower(letter), upper(letter))).as("U+%04X", c).isEqualTo(mapped);
        }
      });
      assertThat(cases).hasSizeGreaterThan(2_000);
    }
  }

  private static String lower(String text) {
    return String.valueOf(TextFunctions.lower(constant(text)).evaluate(_ -> null));
  }

  private static String upper(String text) {
    return String.valueOf(TextFunctions.upper(constant(text)).evaluate(_ -> null));
  }

  private static Expr constant(String text) {
    return new Expr.Constant(text, text, ValueType.TEXT);
  }
}
