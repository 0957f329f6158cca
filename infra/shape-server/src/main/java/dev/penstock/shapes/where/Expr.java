package dev.penstock.shapes.where;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A typed expression: it evaluates over a row, and renders to SQL. NULL is null; a boolean is
/// TRUE, FALSE or null for unknown.
public sealed interface Expr {
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

  record Comparison(Operator operator, Expr left, Expr right) implements Expr {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      Comparable<?> a = left.evaluate(row);
      Comparable<?> b = a == null ? null : right.evaluate(row);
      if (a == null || b == null) {
        return null;
      }
      return operator.holds(ValueType.compare(a, b));
    }

    @Override
    public void sql(Sql sql) {
      // Live rows are ordered by their bytes, whatever the column's collation.
      boolean byBytes =
          left.type().isText() && operator != Operator.EQUAL && operator != Operator.UNEQUAL;
      sql.append("(").append(left).append(byBytes ? " collate \"C\" " : " ");
      sql.append(operator.sql).append(" ").append(right).append(")");
    }
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

  record IsDistinct(Expr left, Expr right) implements Expr {
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
      return ValueType.compare(a, b) != 0;
    }

    @Override
    public void sql(Sql sql) {
      sql.append("(").append(left).append(" is distinct from ").append(right).append(")");
    }
  }

  /// `IN (…)` and `= ANY(array)`.
  record In(Expr part, List<Constant> values) implements Expr {
    public In {
      values = List.copyOf(values);
    }

    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      Comparable<?> wanted = values.isEmpty() ? false : part.evaluate(row);
      if (wanted == null) {
        return null;
      }
      boolean unknown = false;
      for (Constant constant : values) {
        Comparable<?> value = constant.value();
        if (value == null) {
          unknown = true;
        } else if (ValueType.compare(wanted, value) == 0) {
          return true;
        }
      }
      return unknown ? null : (Boolean) false;
    }

    @Override
    public void sql(Sql sql) {
      if (values.isEmpty()) {
        sql.append("false");
        return;
      }
      sql.append("(").append(part).append(" in (");
      for (int i = 0; i < values.size(); i++) {
        sql.append(i == 0 ? "" : ", ").append(values.get(i));
      }
      sql.append("))");
    }
  }

  record Like(Expr part, String pattern, boolean insensitive, LikePattern compiled)
      implements Expr {
    Like(Expr part, String pattern, boolean insensitive) {
      this(part, pattern, insensitive, new LikePattern(pattern, insensitive));
    }

    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }

    @Override
    public @Nullable Comparable<?> evaluate(Row row) {
      // The raw text: LIKE sees the padding of char(n).
      String text =
          part instanceof Column column ? row.text(column.index()) : (String) part.evaluate(row);
      return text == null ? null : (Boolean) requireNonNull(compiled).matches(text);
    }

    @Override
    public void sql(Sql sql) {
      sql.append("(").append(part).append(insensitive ? " ilike " : " like ");
      sql.value(pattern, "text").append(")");
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
