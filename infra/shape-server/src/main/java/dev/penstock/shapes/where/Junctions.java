package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsDistinctExpression;

/// A clause's operands between its ANDs and ORs, in the order of the text.
///
/// The library reads `a IN (1) AND b` as `a IN ((1) AND b)`. Since it keeps parentheses as nodes of
/// their own, the order of the text is still there: it is read off the tree, and put together again
/// by SQL's precedence.
final class Junctions {
  private final List<Expression> operands = new ArrayList<>();
  private final List<Boolean> ors = new ArrayList<>();

  static Junctions of(Expression node) {
    Junctions flat = new Junctions();
    flat.add(node);
    return flat;
  }

  /// The operands of each disjunct.
  List<List<Expression>> disjuncts() {
    List<List<Expression>> disjuncts = new ArrayList<>();
    disjuncts.add(new ArrayList<>(List.of(operands.getFirst())));
    for (int i = 1; i < operands.size(); i++) {
      if (ors.get(i - 1)) {
        disjuncts.add(new ArrayList<>());
      }
      disjuncts.getLast().add(operands.get(i));
    }
    return disjuncts;
  }

  private void add(Expression node) {
    switch (node) {
      case AndExpression and when !and.isUseOperator() -> join(and, false);
      case OrExpression or -> join(or, true);
      case InExpression in -> {
        Junctions rest = of(in.getRightExpression());
        if (rest.ors.isEmpty()) {
          operands.add(in);
        } else {
          InExpression first = new InExpression(in.getLeftExpression(), rest.operands.getFirst());
          first.setNot(in.isNot());
          first.setGlobal(in.isGlobal());
          append(rest, first);
        }
      }
      case IsDistinctExpression distinct -> {
        Junctions rest = of(distinct.getRightExpression());
        if (rest.ors.isEmpty()) {
          operands.add(distinct);
        } else {
          throw new WhereException(
              Syntax.location(distinct), "IS DISTINCT FROM needs parentheses around it here");
        }
      }
      case NotExpression not -> {
        Junctions rest = of(not.getExpression());
        if (rest.ors.isEmpty()) {
          operands.add(not);
        } else {
          append(rest, new NotExpression(rest.operands.getFirst(), not.isExclamationMark()));
        }
      }
      default -> operands.add(node);
    }
  }

  private void join(BinaryExpression node, boolean or) {
    add(node.getLeftExpression());
    ors.add(or);
    add(node.getRightExpression());
  }

  private void append(Junctions rest, Expression first) {
    operands.add(first);
    operands.addAll(rest.operands.subList(1, rest.operands.size()));
    ors.addAll(rest.ors);
  }
}
