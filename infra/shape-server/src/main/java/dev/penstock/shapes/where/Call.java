package dev.penstock.shapes.where;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A function, operator or cast on values: NULL where an argument is NULL.
///
/// @param sql what stands before, between and behind the arguments in SQL
record Call(ValueType type, List<Expr> arguments, Body body, List<String> sql) implements Expr {
  /// What it makes of its arguments.
  interface Body {
    @Nullable Comparable<?> apply(Comparable<?>[] values);
  }

  Call {
    arguments = List.copyOf(arguments);
    sql = List.copyOf(sql);
  }

  static Call unary(ValueType type, String before, Expr part, String behind, Body body) {
    return new Call(type, List.of(part), body, List.of(before, behind));
  }

  static Call binary(ValueType type, Expr left, String operator, Expr right, Body body) {
    return new Call(type, List.of(left, right), body, List.of("(", " " + operator + " ", ")"));
  }

  /// A conversion that Postgres makes by itself.
  static Expr implicit(Expr part, ValueType type) {
    ValueType from = part.type();
    return from == type
        ? part
        : unary(type, "", part, "", values -> Conversion.cast(values[0], from, type));
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    Comparable<?>[] values = new Comparable<?>[arguments.size()];
    boolean unknown = false;
    for (int i = 0; i < values.length; i++) {
      Comparable<?> value = arguments.get(i).evaluate(row);
      if (value == null) {
        unknown = true;
      } else {
        values[i] = value;
      }
    }
    return unknown ? null : body.apply(values);
  }

  @Override
  public void sql(Sql target) {
    target.append(sql.getFirst());
    for (int i = 0; i < arguments.size(); i++) {
      target.append(arguments.get(i)).append(sql.get(i + 1));
    }
  }
}
