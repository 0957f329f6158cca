package dev.penstock.shapes.where;

import org.jspecify.annotations.Nullable;

/// `left operator ANY (array)`, or ALL.
///
/// @param as the type as which both are compared
record Quantified(Expr.Operator operator, boolean all, Expr left, ArrayExpr array, ValueType as)
    implements Expr {
  @Override
  public ValueType type() {
    return ValueType.BOOL;
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    Comparable<?> value = left.evaluate(row);
    ArrayExpr.Value values = array.evaluate(row);
    if (values == null) {
      return null;
    }
    boolean unknown = false;
    for (Comparable<?> element : values.elements()) {
      if (value == null || element == null) {
        unknown = true;
      } else if (holds(value, element) != all) {
        return !all;
      }
    }
    return unknown ? null : (Boolean) all;
  }

  private boolean holds(Comparable<?> value, Comparable<?> element) {
    return operator.holds(
        ValueType.compare(
            Conversion.compared(value, left.type(), as),
            Conversion.compared(element, array.element(), as)));
  }

  @Override
  public void sql(Sql sql) {
    sql.append("(").append(left);
    sql.append(as.isText() || as == ValueType.LABEL ? TextFunctions.BYTES : " ");
    sql.append(operator.sql).append(all ? " all (" : " any (");
    array.sql(sql);
    sql.append("))");
  }
}
