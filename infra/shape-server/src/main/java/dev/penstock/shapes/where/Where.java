package dev.penstock.shapes.where;

import dev.penstock.contracts.log.Relation;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The way in: a clause's text with its parameters becomes a typed expression.
public final class Where {
  private Where() {}

  /// Compiles a clause against a table.
  ///
  /// @param params `$n` by n
  /// @param usable the columns that it may name, null for all
  /// @throws WhereException if it is not understood
  public static Expr compile(
      String text, Map<Integer, String> params, Relation table, @Nullable Set<String> usable) {
    Node tree = Syntax.parse(text);
    return new Typing(new Operands(params, table, usable)).condition(tree);
  }
}
