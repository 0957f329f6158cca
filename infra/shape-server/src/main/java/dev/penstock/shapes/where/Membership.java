package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Types `IN (…)` and `operator ANY (array)`.
final class Membership {
  private final Typing typing;
  private final Operands operands;

  Membership(Typing typing, Operands operands) {
    this.typing = typing;
    this.operands = operands;
  }

  /// Two constants and more are brought to one type, together with what is looked for; anything
  /// else is compared for itself. So does Postgres.
  Expr in(Node.In node) {
    List<Node> constants = new ArrayList<>();
    List<Expr> alternatives = new ArrayList<>();
    for (Node element : node.elements()) {
      if (isConstant(element)) {
        constants.add(element);
      } else {
        alternatives.add(typing.compare(Expr.Operator.EQUAL, node.value(), element, node));
      }
    }
    Expr list = constants.size() < 2 ? null : list(node, constants);
    if (list != null) {
      alternatives.addFirst(list);
    } else {
      for (Node element : constants) {
        alternatives.add(typing.compare(Expr.Operator.EQUAL, node.value(), element, node));
      }
    }
    return alternatives.size() == 1 ? alternatives.getFirst() : new Expr.Or(alternatives);
  }

  private @Nullable Expr list(Node.In node, List<Node> constants) {
    List<Node> all = new ArrayList<>(constants);
    all.addFirst(node.value());
    List<Expr> typed = new ArrayList<>();
    ValueType common = typing.common(all, typed);
    if (common == null) {
      return null;
    }
    Expr value = typed.removeFirst();
    ValueType as = value.type().comparedWith(common);
    if (as == null) {
      throw Operands.noOperator(node, "=", value.type());
    }
    List<Expr.Constant> values = new ArrayList<>();
    for (int i = 0; i < constants.size(); i++) {
      if (!(typed.get(i) instanceof Expr.Constant constant)) {
        throw Operands.unsupported(constants.get(i));
      }
      values.add(operands.folded(constant, common, constants.get(i)));
    }
    return In.of(value, values, as);
  }

  private static boolean isConstant(Node node) {
    return switch (node) {
      case Node.Numeral _, Node.Truth _ -> true;
      case Node.Minus minus -> minus.part() instanceof Node.Numeral;
      case Node.Cast cast -> isConstant(cast.part());
      default -> Operands.isUntyped(node);
    };
  }

  Expr quantified(Node.Quantified node) {
    Expr.Operator operator = Typing.comparison(node.operator());
    ValueType element = operands.elementType(node.array());
    Expr left = typing.expr(node.left(), element);
    ArrayExpr array = operands.array(node.array(), left.type());
    ValueType as = left.type().comparedWith(array.element());
    boolean equality = operator == Expr.Operator.EQUAL || operator == Expr.Operator.UNEQUAL;
    if (operator == null || as == null || (!equality && !as.ordered())) {
      throw Operands.noOperator(node, node.operator(), left.type());
    }
    if (operator == Expr.Operator.EQUAL
        && !node.all()
        && array instanceof ArrayExpr.Constant constant) {
      List<Expr.Constant> values = new ArrayList<>();
      for (String text : ArrayText.flat(constant.text())) {
        values.add(
            new Expr.Constant(
                text == null ? null : constant.element().decode(text), text, constant.element()));
      }
      return In.of(left, values, as);
    }
    return new Quantified(operator, node.all(), left, array, as);
  }
}
