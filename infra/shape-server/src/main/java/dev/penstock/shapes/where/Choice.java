package dev.penstock.shapes.where;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// COALESCE, GREATEST, LEAST: one of its arguments, as a value of their common type.
record Choice(Kind kind, List<Expr> arguments, ValueType type) implements Expr {
  enum Kind {
    COALESCE,
    GREATEST,
    LEAST
  }

  Choice {
    arguments = List.copyOf(arguments);
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    Comparable<?> chosen = null;
    for (Expr argument : arguments) {
      Comparable<?> value = argument.evaluate(row);
      if (value == null) {
        continue;
      }
      Comparable<?> converted = Conversion.cast(value, argument.type(), type);
      if (chosen == null || replaces(converted, chosen)) {
        chosen = converted;
      }
      if (kind == Kind.COALESCE) {
        break;
      }
    }
    return chosen;
  }

  private boolean replaces(Comparable<?> value, Comparable<?> chosen) {
    int order = ValueType.compare(value, chosen);
    return kind == Kind.GREATEST ? order > 0 : order < 0;
  }

  @Override
  public void sql(Sql sql) {
    sql.append(
        switch (kind) {
          case COALESCE -> "coalesce(";
          case GREATEST -> "greatest(";
          case LEAST -> "least(";
        });
    for (int i = 0; i < arguments.size(); i++) {
      sql.append(i == 0 ? "" : ", ").append(arguments.get(i));
      sql.append(type.isText() && i == 0 ? TextFunctions.BYTES : "");
    }
    sql.append(")");
  }
}
