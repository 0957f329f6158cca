package dev.penstock.shapes.where;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `IN (…)` and `= ANY(array)` with constants.
///
/// @param as the type as which it is compared, that of the values or one that they convert to
/// @param keys the values other than NULL
/// @param hasNull whether NULL is among the values
record In(Expr part, List<Expr.Constant> values, ValueType as, Set<Object> keys, boolean hasNull)
    implements Expr {
  static In of(Expr part, List<Expr.Constant> values, ValueType as) {
    Set<Object> keys = new HashSet<>();
    boolean hasNull = false;
    for (Expr.Constant constant : values) {
      Comparable<?> value = constant.value();
      if (value == null) {
        hasNull = true;
      } else {
        keys.add(key(Conversion.compared(value, constant.type(), as)));
      }
    }
    return new In(part, List.copyOf(values), as, Set.copyOf(keys), hasNull);
  }

  private static Object key(Comparable<?> value) {
    return ValueType.key(value);
  }

  @Override
  public ValueType type() {
    return ValueType.BOOL;
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    Comparable<?> wanted = part.evaluate(row);
    if (values.isEmpty()) {
      return false;
    }
    if (wanted == null) {
      return null;
    }
    if (keys.contains(key(Conversion.compared(wanted, part.type(), as)))) {
      return true;
    }
    return hasNull ? null : (Boolean) false;
  }

  @Override
  public void sql(Sql sql) {
    if (values.isEmpty()) {
      // Errors of the part are errors here as well.
      sql.append("(").append(part).append(" is null and false)");
      return;
    }
    sql.append("(").append(part).append(" in (");
    for (int i = 0; i < values.size(); i++) {
      sql.append(i == 0 ? "" : ", ").append(values.get(i));
    }
    sql.append("))");
  }
}
