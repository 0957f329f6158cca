package dev.penstock.shapes.where;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A clause's syntax, before names and types mean anything. `at` is its place in the text.
sealed interface Node {
  int at();

  /// A column's name.
  record Name(int at, String name) implements Node {}

  record Text(int at, String value) implements Node {}

  record Numeral(int at, String digits) implements Node {}

  /// `$n`
  record Parameter(int at, int number) implements Node {}

  /// TRUE, FALSE, or null for NULL.
  record Truth(int at, @Nullable Boolean value) implements Node {}

  record Function(int at, String name, List<Node> arguments) implements Node {}

  record ArrayOf(int at, List<Node> elements) implements Node {}

  record Cast(int at, Node part, String type) implements Node {}

  record Minus(int at, Node part) implements Node {}

  record Not(int at, Node part) implements Node {}

  /// A chain of ANDs or of ORs.
  record Junction(int at, boolean or, List<Node> parts) implements Node {}

  /// An operator between two operands, other than the ones below.
  record Binary(int at, String operator, Node left, Node right) implements Node {}

  record Like(
      int at, boolean not, boolean insensitive, Node value, Node pattern, @Nullable Node escape)
      implements Node {}

  record Between(int at, boolean not, boolean symmetric, Node value, Node low, Node high)
      implements Node {}

  record In(int at, boolean not, Node value, List<Node> elements) implements Node {}

  /// `IS NULL`, and with a truth `IS TRUE`, `IS FALSE`.
  record Is(int at, boolean not, Node part, @Nullable Boolean truth) implements Node {}

  record Distinct(int at, boolean not, Node left, Node right) implements Node {}

  /// `left operator ANY (array)`, or ALL.
  record Quantified(int at, String operator, boolean all, Node left, Node array) implements Node {}
}
