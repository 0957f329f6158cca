package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A condition that every row of a clause fulfils: a column equals one of a few constants. So a row
/// without such a value need not be evaluated at all.
///
/// @param column the column's index in its table
/// @param type the column's type
/// @param keys the values as [#key] gives them; empty if no row fulfils it
public record Equality(int column, ValueType type, Set<Object> keys) {
  /// Longer lists are not worth their memory in an index.
  private static final int MAX_KEYS = 256;

  public Equality {
    keys = Set.copyOf(keys);
  }

  /// The equalities among a clause's conjuncts.
  public static List<Equality> of(@Nullable Expr where) {
    return where == null ? List.of() : among(where);
  }

  /// What equal values of the column have in common, whatever their text.
  ///
  /// @throws IllegalArgumentException if it is no value of the type
  public static Object key(ValueType type, String text) {
    return ValueType.key(type.decode(text));
  }

  private static List<Equality> among(Expr where) {
    return switch (where) {
      case Expr.And and -> and.parts().stream().flatMap(part -> among(part).stream()).toList();
      case Expr.Or or -> inAll(or.parts());
      case Expr.Comparison c when c.operator() == Expr.Operator.EQUAL -> {
        if (c.left() instanceof Expr.Column column && c.right() instanceof Expr.Constant value) {
          yield one(column, List.of(value));
        }
        if (c.right() instanceof Expr.Column column && c.left() instanceof Expr.Constant value) {
          yield one(column, List.of(value));
        }
        yield List.of();
      }
      case In in when in.part() instanceof Expr.Column column -> one(column, in.values());
      default -> List.of();
    };
  }

  private static List<Equality> one(Expr.Column column, List<Expr.Constant> values) {
    Set<Object> keys = new HashSet<>();
    for (Expr.Constant constant : values) {
      if (!constant.type().sharesValuesWith(column.type()) || keys.size() > MAX_KEYS) {
        return List.of();
      }
      Comparable<?> value = constant.value();
      // Nothing equals NULL.
      if (value != null) {
        keys.add(ValueType.key(value));
      }
    }
    return List.of(new Equality(column.index(), column.type(), keys));
  }

  /// A column that each alternative compares: it has one of all their values.
  private static List<Equality> inAll(List<Expr> alternatives) {
    List<Equality> common = among(alternatives.getFirst());
    for (Expr alternative : alternatives.subList(1, alternatives.size())) {
      List<Equality> others = among(alternative);
      List<Equality> both = new ArrayList<>();
      for (Equality equality : common) {
        others.stream()
            .filter(other -> other.column == equality.column)
            .findFirst()
            .map(equality::or)
            .filter(joined -> joined.keys.size() <= MAX_KEYS)
            .ifPresent(both::add);
      }
      common = both;
    }
    return List.copyOf(common);
  }

  private Equality or(Equality other) {
    Set<Object> joined = new HashSet<>(keys);
    joined.addAll(other.keys);
    return new Equality(column, type, joined);
  }
}
