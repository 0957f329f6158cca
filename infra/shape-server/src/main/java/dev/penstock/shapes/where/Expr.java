package dev.penstock.shapes.where;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A typed expression: it evaluates over a row, and renders to SQL. NULL is null; a boolean is
/// TRUE, FALSE or null for unknown.
public sealed interface Expr
    permits Expr.And,
        Expr.Column,
        Expr.Comparison,
        Expr.Constant,
        Expr.IsDistinct,
        Expr.IsNull,
        Expr.IsTruth,
        Expr.Not,
        Expr.Or,
        ArrayTest,
        Call,
        Choice,
        In,
        Like,
        NullIf,
        Quantified,
        RawText {
  ValueType type();

  @Nullable Comparable<?> evaluate(Row row);

  void sql(Sql sql);

  /// Whether the row is in: unknown is not.
  default boolean holds(Row row) {
    return Boolean.TRUE.equals(evaluate(row));
  }

  /// A column's value.
  ///
  /// @param index the column's index in its table
  record Column(int index, String name, ValueType type) implements Expr {
    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      String text = row.text(index);
      return text == null ? null : type.decode(text);
    }

    @Override
    public void sql(Sql sql) {
      sql.identifier(name).append(type == ValueType.LABEL ? "::text" : "");
    }
  }

  /// A value.
  ///
  /// @param text what Postgres gets, null for NULL
  record Constant(@Nullable Comparable<?> value, @Nullable String text, ValueType type)
      implements Expr {
    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      return value;
    }

    @Override
    public void sql(Sql sql) {
      sql.value(text, type.sql());
    }
  }

  enum Operator {
    EQUAL("="),
    UNEQUAL("<>"),
    LESS("<"),
    GREATER(">"),
    LESS_OR_EQUAL("<="),
    GREATER_OR_EQUAL(">=");

    final String sql;

    Operator(String sql) {
      this.sql = sql;
    }

    boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case UNEQUAL -> order != 0;
        case LESS -> order < 0;
        case GREATER -> order > 0;
        case LESS_OR_EQUAL -> order <= 0;
        case GREATER_OR_EQUAL -> order >= 0;
      };
    }
  }

  /// Two values side by side.
  ///
  /// @param as the type as which both are compared
  record Comparison(Operator operator, Expr left, Expr right, ValueType as) implements Expr {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      Comparable<?> a = left.evaluate(row);
      Comparable<?> b = right.evaluate(row);
      if (a == null || b == null) {
        return null;
      }
      return operator.holds(order(a, b));
    }

    private int order(Comparable<?> a, Comparable<?> b) {
      return ValueType.compare(
          Conversion.compared(a, left.type(), as), Conversion.compared(b, right.type(), as));
    }

    @Override
    public void sql(Sql sql) {
      boolean ordering = operator != Operator.EQUAL && operator != Operator.UNEQUAL;
      sql.append("(").append(left).append(collation(as, ordering, right)).append(operator.sql);
      sql.append(" ").append(right).append(")");
    }
  }

  /// Live rows are ordered by their bytes, whatever a column's collation; and two columns may have
  /// different ones. Equality with a constant needs none, and can use an index.
  private static String collation(ValueType as, boolean ordering, Expr right) {
    boolean text = as.isText() || as == ValueType.LABEL;
    return text && (ordering || !(right instanceof Constant)) ? " collate \"C\" " : " ";
  }

  /// All of them.
  ///
  /// @param parts equalities first, so that a row that they keep out is out whatever the other
  ///   parts would run into
  record And(List<Expr> parts) implements Expr {
    public And {
      parts =
          parts.stream().sorted(Comparator.comparing(part -> Equality.of(part).isEmpty())).toList();
    }

    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      return joined(parts, row, false);
    }

    /// Ends at the first part that does not hold, even if it is unknown.
    @Override
    public boolean holds(Row row) {
      for (Expr part : parts) {
        if (!part.holds(row)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void sql(Sql sql) {
      join(sql, parts, " and ");
    }
  }

  record Or(List<Expr> parts) implements Expr {
    public Or {
      parts = List.copyOf(parts);
    }

    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      return joined(parts, row, true);
    }

    @Override
    public boolean holds(Row row) {
      for (Expr part : parts) {
        if (part.holds(row)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void sql(Sql sql) {
      join(sql, parts, " or ");
    }
  }

  record Not(Expr part) implements Expr {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      return part.evaluate(row) instanceof Boolean truth ? (Boolean) !truth : null;
    }

    @Override
    public void sql(Sql sql) {
      sql.append("(not ").append(part).append(")");
    }
  }

  record IsNull(Expr part) implements Expr {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public Comparable<?> evaluate(Row row) {
      return part instanceof Column column
          ? row.text(column.index()) == null
          : part.evaluate(row) == null;
    }

    @Override
    public void sql(Sql sql) {
      sql.append("(").append(part).append(" is null)");
    }
  }

  /// `IS TRUE` and `IS FALSE`.
  record IsTruth(Expr part, boolean truth) implements Expr {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public Comparable<?> evaluate(Row row) {
      return Boolean.valueOf(truth).equals(part.evaluate(row));
    }

    @Override
    public void sql(Sql sql) {
      sql.append("(").append(part).append(truth ? " is true)" : " is false)");
    }
  }

  /// Two values side by side, NULL being one of them.
  ///
  /// @param as the type as which both are compared
  record IsDistinct(Expr left, Expr right, ValueType as) implements Expr {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public Comparable<?> evaluate(Row row) {
      Comparable<?> a = left.evaluate(row);
      Comparable<?> b = right.evaluate(row);
      if (a == null || b == null) {
        return a != null || b != null;
      }
      return ValueType.compare(
              Conversion.compared(a, left.type(), as), Conversion.compared(b, right.type(), as))
          != 0;
    }

    @Override
    public void sql(Sql sql) {
      sql.append("(").append(left).append(collation(as, false, right)).append("is distinct from ");
      sql.append(right).append(")");
    }
  }

  private static @Nullable Comparable<?> joined(List<Expr> parts, Row row, boolean decisive) {
    boolean unknown = false;
    for (Expr part : parts) {
      Comparable<?> truth = part.evaluate(row);
      if (truth == null) {
        unknown = true;
      } else if (truth.equals(decisive)) {
        return decisive;
      }
    }
    return unknown ? null : (Boolean) !decisive;
  }

  private static void join(Sql sql, List<Expr> parts, String word) {
    sql.append("(");
    for (int i = 0; i < parts.size(); i++) {
      sql.append(i == 0 ? "" : word).append(parts.get(i));
    }
    sql.append(")");
  }
}
