package dev.penstock.shapes.where;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Two arrays of one type side by side.
record ArrayTest(Kind kind, ArrayExpr left, ArrayExpr right) implements Expr {
  enum Kind {
    EQUAL("="),
    UNEQUAL("<>"),
    CONTAINS("@>"),
    CONTAINED("<@"),
    OVERLAPS("&&");

    final String sql;

    Kind(String sql) {
      this.sql = sql;
    }
  }

  @Override
  public ValueType type() {
    return ValueType.BOOL;
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    ArrayExpr.Value a = left.evaluate(row);
    ArrayExpr.Value b = right.evaluate(row);
    if (a == null || b == null) {
      return null;
    }
    return switch (kind) {
      case EQUAL -> equal(a, b);
      case UNEQUAL -> !equal(a, b);
      case CONTAINS -> contains(a, b);
      case CONTAINED -> contains(b, a);
      case OVERLAPS -> overlap(a, b);
    };
  }

  /// NULLs are equal within arrays.
  private static boolean equal(ArrayExpr.Value a, ArrayExpr.Value b) {
    if (!a.shape().equals(b.shape())) {
      return false;
    }
    for (int i = 0; i < a.elements().size(); i++) {
      Comparable<?> x = a.elements().get(i);
      Comparable<?> y = b.elements().get(i);
      boolean bothNull = x == null && y == null;
      if (!bothNull && (x == null || y == null || ValueType.compare(x, y) != 0)) {
        return false;
      }
    }
    return true;
  }

  /// A NULL is contained nowhere.
  private static boolean contains(ArrayExpr.Value whole, ArrayExpr.Value part) {
    Set<Object> keys = keys(whole.elements());
    for (Comparable<?> value : part.elements()) {
      if (value == null || !keys.contains(ValueType.key(value))) {
        return false;
      }
    }
    return true;
  }

  private static boolean overlap(ArrayExpr.Value a, ArrayExpr.Value b) {
    Set<Object> keys = keys(a.elements());
    for (Comparable<?> value : b.elements()) {
      if (value != null && keys.contains(ValueType.key(value))) {
        return true;
      }
    }
    return false;
  }

  private static Set<Object> keys(List<@Nullable Comparable<?>> elements) {
    Set<Object> keys = new HashSet<>();
    for (Comparable<?> value : elements) {
      if (value != null) {
        keys.add(ValueType.key(value));
      }
    }
    return keys;
  }

  @Override
  public void sql(Sql sql) {
    sql.append("(");
    left.sql(sql);
    sql.append(" ").append(kind.sql).append(" ");
    right.sql(sql);
    sql.append(")");
  }
}
