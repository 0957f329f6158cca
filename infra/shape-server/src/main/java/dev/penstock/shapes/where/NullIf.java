package dev.penstock.shapes.where;

import org.jspecify.annotations.Nullable;

/// `nullif(a, b)`: NULL if both are equal, else the first.
///
/// @param equal the comparison of both
record NullIf(Expr value, Expr equal) implements Expr {
  @Override
  public ValueType type() {
    return value.type();
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    return equal.holds(row) ? null : value.evaluate(row);
  }

  @Override
  public void sql(Sql sql) {
    sql.append("(case when ")
        .append(equal)
        .append(" then null else ")
        .append(value)
        .append(" end)");
  }
}
