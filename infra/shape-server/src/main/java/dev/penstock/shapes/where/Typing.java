package dev.penstock.shapes.where;

import static dev.penstock.shapes.where.ValueType.BOOL;
import static dev.penstock.shapes.where.ValueType.OTHER;
import static dev.penstock.shapes.where.ValueType.TEXT;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gives syntax its types, by Postgres' rules for operators, as far as they are supported; every
/// combination that is not is refused.
final class Typing {
  private static final int MAX_DEPTH = 250;
  private static final int MAX_NODES = 50_000;

  private final Operands operands;
  private final Functions functions = new Functions(this);
  private int depth;
  private int nodes;

  Typing(Operands operands) {
    this.operands = operands;
  }

  Operands operands() {
    return operands;
  }

  Expr condition(Node node) {
    Expr expr = expr(node, BOOL);
    if (expr.type() != BOOL) {
      throw new WhereException("WHERE clause must return a boolean");
    }
    return expr;
  }

  /// @param expected the type that a string, a parameter or NULL takes; null for text
  Expr expr(Node node, @Nullable ValueType expected) {
    // Chains of operators are deep on their left, and BETWEEN is written out.
    if (++depth > MAX_DEPTH || ++nodes > MAX_NODES) {
      throw new WhereException("where clause is nested too deeply");
    }
    Expr expr = typed(node, expected);
    depth--;
    return expr;
  }

  private Expr typed(Node node, @Nullable ValueType expected) {
    return switch (node) {
      case Node.Text _, Node.Parameter _ ->
          operands.untyped(node, expected == null ? TEXT : expected);
      case Node.Truth truth ->
          truth.value() != null
              ? Operands.truth(truth.value())
              : operands.untyped(node, expected == null ? TEXT : expected);
      case Node.Numeral number -> operands.number(number, "");
      case Node.Name name -> operands.column(name);
      case Node.Minus minus -> minus(minus);
      case Node.Cast cast -> functions.cast(cast);
      case Node.Function function -> functions.call(function);
      case Node.Not not -> new Expr.Not(condition(not.part()));
      case Node.Junction junction -> {
        List<Expr> parts = junction.parts().stream().map(this::condition).toList();
        yield junction.or() ? new Expr.Or(parts) : new Expr.And(parts);
      }
      case Node.Binary binary -> binary(binary);
      case Node.Like like -> like(like);
      case Node.Between between -> between(between);
      case Node.In in -> negated(in.not(), new Membership(this, operands).in(in));
      case Node.Quantified quantified -> new Membership(this, operands).quantified(quantified);
      case Node.Is is -> negated(is.not(), is(is));
      case Node.Distinct distinct -> distinct(distinct);
      case Node.ArrayOf _ -> throw Operands.unsupported(node);
    };
  }

  private Expr minus(Node.Minus node) {
    if (node.part() instanceof Node.Numeral number) {
      return operands.number(number, "-");
    }
    Expr part = Operands.isUntyped(node.part()) ? null : expr(node.part(), null);
    if (part == null || !(part.type().isNumber() || part.type() == ValueType.INTERVAL)) {
      throw Operands.unsupported(node);
    }
    return Arithmetic.negated(part);
  }

  private Expr is(Node.Is node) {
    Boolean truth = node.truth();
    return truth != null
        ? new Expr.IsTruth(condition(node.part()), truth)
        : new Expr.IsNull(expr(node.part(), TEXT));
  }

  private Expr binary(Node.Binary node) {
    String operator = node.operator();
    Expr.Operator comparison = comparison(operator);
    boolean array =
        operands.elementType(node.left()) != null || operands.elementType(node.right()) != null;
    if (comparison == null || array) {
      return switch (operator) {
        case "=", "<>", "@>", "<@", "&&" -> arrays(node);
        case "+", "-", "*", "/", "%", "||" -> functions.operator(node);
        default -> throw Operands.unsupported(node);
      };
    }
    return compare(comparison, node.left(), node.right(), node);
  }

  static Expr.@Nullable Operator comparison(String operator) {
    for (Expr.Operator one : Expr.Operator.values()) {
      if (one.sql.equals(operator)) {
        return one;
      }
    }
    return null;
  }

  Expr compare(Expr.Operator operator, Node leftNode, Node rightNode, Node place) {
    List<Expr> sides = sides(leftNode, rightNode);
    Expr left = sides.getFirst();
    Expr right = sides.getLast();
    ValueType as = left.type().comparedWith(right.type());
    boolean equality = operator == Expr.Operator.EQUAL || operator == Expr.Operator.UNEQUAL;
    if (as == null || (!equality && !as.ordered())) {
      throw Operands.noOperator(place, operator.sql, left.type());
    }
    return new Expr.Comparison(
        operator, folded(left, as, leftNode), folded(right, as, rightNode), as);
  }

  /// Both sides, an untyped one typed by the other.
  List<Expr> sides(Node leftNode, Node rightNode) {
    if (Operands.isUntyped(leftNode)) {
      Expr right = expr(rightNode, null);
      return List.of(expr(leftNode, right.type()), right);
    }
    Expr left = expr(leftNode, null);
    return List.of(left, expr(rightNode, left.type()));
  }

  /// A constant that Postgres converts to the type of the comparison is converted once.
  Expr folded(Expr expr, ValueType as, Node node) {
    return expr instanceof Expr.Constant constant
            && !(constant.type().isInteger() && as.isInteger())
        ? operands.folded(constant, as, node)
        : expr;
  }

  private Expr arrays(Node.Binary node) {
    ValueType left = operands.elementType(node.left());
    ValueType right = operands.elementType(node.right());
    ArrayExpr a = operands.array(node.left(), right);
    ArrayExpr b = operands.array(node.right(), left);
    // Not in a hash table: equal intervals need not look alike.
    if (a.element() != b.element() || a.element() == ValueType.INTERVAL) {
      throw Operands.noOperator(node, node.operator(), a.element());
    }
    for (ArrayTest.Kind kind : ArrayTest.Kind.values()) {
      if (kind.sql.equals(node.operator())) {
        return new ArrayTest(kind, a, b);
      }
    }
    throw Operands.noOperator(node, node.operator(), a.element());
  }

  private Expr between(Node.Between node) {
    Expr in = within(node, node.low(), node.high());
    if (node.symmetric()) {
      in = new Expr.Or(List.of(in, within(node, node.high(), node.low())));
    }
    return negated(node.not(), in);
  }

  private Expr within(Node.Between node, Node low, Node high) {
    return new Expr.And(
        List.of(
            compare(Expr.Operator.GREATER_OR_EQUAL, node.value(), low, node),
            compare(Expr.Operator.LESS_OR_EQUAL, node.value(), high, node)));
  }

  private Expr like(Node.Like node) {
    Expr value = expr(node.value(), TEXT);
    Expr pattern = expr(node.pattern(), TEXT);
    String escape = node.escape() == null ? null : operands.textOf(node.escape());
    boolean padded = value.type() == ValueType.BPCHAR && !(value instanceof Expr.Column);
    if (!value.type().isText()
        || padded
        || !pattern.type().isText()
        || pattern.type() == ValueType.BPCHAR) {
      throw Operands.unsupported(node);
    }
    if (escape != null && escape.codePointCount(0, escape.length()) > 1) {
      throw new WhereException(node.at(), "invalid escape string");
    }
    try {
      return negated(node.not(), Like.of(value, pattern, node.insensitive(), escape));
    } catch (IllegalArgumentException e) {
      throw Operands.refused(node, e);
    }
  }

  private Expr distinct(Node.Distinct node) {
    List<Expr> sides = sides(node.left(), node.right());
    ValueType as = sides.getFirst().type().comparedWith(sides.getLast().type());
    if (as == null) {
      throw Operands.noOperator(node, "IS DISTINCT FROM", sides.getFirst().type());
    }
    return negated(
        node.not(),
        new Expr.IsDistinct(
            folded(sides.getFirst(), as, node.left()),
            folded(sides.getLast(), as, node.right()),
            as));
  }

  /// The common type of several operands, and each of them typed; null if there is none.
  @Nullable ValueType common(List<Node> parts, List<Expr> typed) {
    ValueType common = null;
    for (Node part : parts) {
      if (!Operands.isUntyped(part)) {
        ValueType type = expr(part, null).type();
        common = common == null ? type : common.joinedWith(type);
        if (common == null || common == OTHER) {
          return null;
        }
      }
    }
    ValueType type = common == null ? TEXT : common;
    List<Expr> all = new ArrayList<>();
    for (Node part : parts) {
      all.add(expr(part, type));
    }
    typed.addAll(all);
    return type;
  }

  static Expr negated(boolean not, Expr expr) {
    return not ? new Expr.Not(expr) : expr;
  }
}
