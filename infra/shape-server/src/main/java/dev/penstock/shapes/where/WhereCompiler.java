package dev.penstock.shapes.where;

import static dev.penstock.shapes.where.ValueType.BOOL;
import static dev.penstock.shapes.where.ValueType.OTHER;
import static dev.penstock.shapes.where.ValueType.TEXT;

import dev.penstock.contracts.log.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsDistinctExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import org.jspecify.annotations.Nullable;

/// Types a parsed clause. Every kind of node that is not named here is refused.
final class WhereCompiler {
  private final Operands operands;

  WhereCompiler(Map<Integer, String> params, Relation table, @Nullable Set<String> usable) {
    operands = new Operands(params, table, usable);
  }

  Expr condition(Expression node) {
    List<Expr> disjuncts = new ArrayList<>();
    for (List<Expression> operands : Junctions.of(node).disjuncts()) {
      List<Expr> parts = operands.stream().map(this::term).toList();
      disjuncts.add(parts.size() == 1 ? parts.getFirst() : new Expr.And(parts));
    }
    return disjuncts.size() == 1 ? disjuncts.getFirst() : new Expr.Or(disjuncts);
  }

  private Expr term(Expression node) {
    return switch (node) {
      case NotExpression not when !not.isExclamationMark() ->
          new Expr.Not(condition(not.getExpression()));
      case ParenthesedExpressionList<?> list when list.size() == 1 -> condition(list.getFirst());
      case ComparisonOperator comparison -> comparison(comparison);
      case InExpression in when !in.isGlobal() -> in(in);
      case Between between -> between(between);
      case LikeExpression like -> like(like);
      case IsNullExpression test when !test.isUseIsNull() && !test.isUseNotNull() ->
          negated(test.isNot(), new Expr.IsNull(tested(test.getLeftExpression())));
      case IsBooleanExpression test ->
          negated(
              test.isNot(), new Expr.IsTruth(condition(test.getLeftExpression()), test.isTrue()));
      case IsDistinctExpression distinct -> distinct(distinct);
      default -> bool(node);
    };
  }

  private Expr bool(Expression node) {
    Expr expr = operands.operand(node, BOOL);
    if (expr.type() != BOOL) {
      throw new WhereException("WHERE clause must return a boolean");
    }
    return expr;
  }

  private Expr comparison(ComparisonOperator node) {
    if (node.getOldOracleJoinSyntax() != 0 || node.getOraclePriorPosition() != 0) {
      throw operands.unsupported(node);
    }
    Expr.Operator operator =
        switch (node.getStringExpression()) {
          case "=" -> Expr.Operator.EQUAL;
          case "<>", "!=" -> Expr.Operator.UNEQUAL;
          case "<" -> Expr.Operator.LESS;
          case ">" -> Expr.Operator.GREATER;
          case "<=" -> Expr.Operator.LESS_OR_EQUAL;
          case ">=" -> Expr.Operator.GREATER_OR_EQUAL;
          default -> throw operands.unsupported(node);
        };
    if (node.getRightExpression() instanceof Function any
        && any.getName().equalsIgnoreCase("any")
        && operator == Expr.Operator.EQUAL) {
      Expr left = operands.operand(node.getLeftExpression(), null);
      return new Expr.In(requireComparable(left, node), operands.array(any, left.type()));
    }
    return compare(operator, node.getLeftExpression(), node.getRightExpression(), node);
  }

  private Expr compare(
      Expr.Operator operator, Expression leftNode, Expression rightNode, Expression place) {
    List<Expr> sides = sides(leftNode, rightNode, place);
    boolean equality = operator == Expr.Operator.EQUAL || operator == Expr.Operator.UNEQUAL;
    if (!equality && !sides.getFirst().type().ordered()) {
      throw operands.noOperator(place, operator.sql, sides.getFirst().type());
    }
    return new Expr.Comparison(operator, sides.getFirst(), sides.getLast());
  }

  /// Both sides, an untyped one typed by the other.
  private List<Expr> sides(Expression leftNode, Expression rightNode, Expression place) {
    Expr left;
    Expr right;
    if (operands.isUntyped(leftNode)) {
      right = operands.operand(rightNode, null);
      left = operands.operand(leftNode, right.type());
    } else {
      left = operands.operand(leftNode, null);
      right = operands.operand(rightNode, left.type());
    }
    if (!left.type().comparableWith(right.type())) {
      throw operands.noOperator(place, "=", left.type());
    }
    return List.of(left, right);
  }

  private Expr in(InExpression node) {
    if (node.getOldOracleJoinSyntax() != 0
        || !(node.getRightExpression() instanceof ParenthesedExpressionList<?> list)) {
      throw operands.unsupported(node);
    }
    Expr left = requireComparable(operands.operand(node.getLeftExpression(), null), node);
    return negated(node.isNot(), new Expr.In(left, operands.constants(list, left.type())));
  }

  private Expr requireComparable(Expr expr, Expression place) {
    if (expr.type() == OTHER) {
      throw operands.noOperator(place, "=", expr.type());
    }
    return expr;
  }

  private Expr between(Between node) {
    // SYMMETRIC and its like leave their trace only in the text.
    if (!node.toString().matches("(?is).* between (?!(a?symmetric)\\b).*")) {
      throw operands.unsupported(node);
    }
    Expression value = node.getLeftExpression();
    return negated(
        node.isNot(),
        new Expr.And(
            List.of(
                compare(
                    Expr.Operator.GREATER_OR_EQUAL, value, node.getBetweenExpressionStart(), node),
                compare(
                    Expr.Operator.LESS_OR_EQUAL, value, node.getBetweenExpressionEnd(), node))));
  }

  private Expr like(LikeExpression node) {
    boolean insensitive = node.getLikeKeyWord() == LikeExpression.KeyWord.ILIKE;
    if (node.getEscape() != null
        || node.isUseBinary()
        || !(insensitive || node.getLikeKeyWord() == LikeExpression.KeyWord.LIKE)) {
      throw operands.unsupported(node);
    }
    Expr value = operands.operand(node.getLeftExpression(), TEXT);
    Expr pattern = operands.operand(node.getRightExpression(), TEXT);
    if (!value.type().isText()
        || !(pattern instanceof Expr.Constant constant)
        || constant.text() == null
        || !constant.type().isText()) {
      throw operands.unsupported(node);
    }
    try {
      return negated(node.isNot(), new Expr.Like(value, constant.text(), insensitive));
    } catch (IllegalArgumentException e) {
      throw operands.refused(node, e);
    }
  }

  private Expr distinct(IsDistinctExpression node) {
    List<Expr> sides = sides(node.getLeftExpression(), node.getRightExpression(), node);
    return negated(node.isNot(), new Expr.IsDistinct(sides.getFirst(), sides.getLast()));
  }

  /// What IS NULL looks at: any value at all, of any type.
  private Expr tested(Expression node) {
    return node instanceof NullValue || operands.isUntyped(node)
        ? operands.operand(node, TEXT)
        : operands.isOperand(node) ? operands.operand(node, null) : condition(node);
  }

  private static Expr negated(boolean not, Expr expr) {
    return not ? new Expr.Not(expr) : expr;
  }
}
