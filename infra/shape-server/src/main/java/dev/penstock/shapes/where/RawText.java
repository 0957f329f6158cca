package dev.penstock.shapes.where;

import org.jspecify.annotations.Nullable;

/// A column's text as Postgres prints it, which is what a cast to text makes of most types.
record RawText(int index, String name) implements Expr {
  @Override
  public ValueType type() {
    return ValueType.TEXT;
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    return row.text(index);
  }

  @Override
  public void sql(Sql sql) {
    sql.append("(").identifier(name).append("::text)");
  }
}
