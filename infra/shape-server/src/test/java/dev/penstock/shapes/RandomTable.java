package dev.penstock.shapes;

import java.util.List;
import java.util.Random;

/// The tables of the generated shapes: with a plain, with a composite, and without a key.
///
/// @param key the columns that a row's key consists of, in the key's order
/// @param number a column of numbers for clauses
/// @param text a column of texts for clauses
record RandomTable(
    String name,
    String definition,
    List<String> columns,
    List<String> key,
    String number,
    String text) {
  private static final RandomTable ITEMS =
      new RandomTable(
          "items",
          "(id int primary key, kind text, n int, flag bool, name text collate \"C\", at timestamptz,"
              + " price numeric(10,2), uid uuid, tags text[])",
          List.of("id", "kind", "n", "flag", "name", "at", "price", "uid", "tags"),
          List.of("id"),
          "n",
          "name");
  private static final RandomTable PAIRS =
      new RandomTable(
          "pairs",
          "(a int, b text, v text, n int, primary key (b, a))",
          List.of("a", "b", "v", "n"),
          List.of("b", "a"),
          "n",
          "v");

  /// Without a key every column is of it.
  private static final RandomTable LOOSE =
      new RandomTable(
          "loose",
          "(x int not null, y text, z text not null)",
          List.of("x", "y", "z"),
          List.of("x", "y", "z"),
          "x",
          "y");

  static final List<RandomTable> ALL = List.of(ITEMS, PAIRS, LOOSE);

  static RandomTable any(Random random) {
    return ALL.get(random.nextInt(ALL.size()));
  }

  boolean isItems() {
    return this.equals(ITEMS);
  }
}
