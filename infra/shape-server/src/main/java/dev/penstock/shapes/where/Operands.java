package dev.penstock.shapes.where;

import static dev.penstock.shapes.where.ValueType.BOOL;
import static dev.penstock.shapes.where.ValueType.INT8;
import static dev.penstock.shapes.where.ValueType.NUMERIC;
import static dev.penstock.shapes.where.ValueType.OTHER;
import static dev.penstock.shapes.where.ValueType.TEXT;

import dev.penstock.contracts.log.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import net.sf.jsqlparser.expression.ArrayConstructor;
import net.sf.jsqlparser.expression.BooleanValue;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import org.jspecify.annotations.Nullable;

/// Columns, literals and parameters of a clause. A literal or parameter has no type of its own: it
/// takes that of what it meets, as in Postgres.
final class Operands {
  private static final int MAX_CONSTANTS = 10_000;

  private final Map<Integer, String> params;
  private final Relation table;
  private final @Nullable Set<String> usable;
  private int constants;

  Operands(Map<Integer, String> params, Relation table, @Nullable Set<String> usable) {
    this.params = params;
    this.table = table;
    this.usable = usable;
  }

  boolean isUntyped(Expression node) {
    return switch (node) {
      case ParenthesedExpressionList<?> list when list.size() == 1 -> isUntyped(list.getFirst());
      case StringValue _, JdbcParameter _, NullValue _, LongValue _, DoubleValue _ -> true;
      case SignedExpression _ -> true;
      default -> false;
    };
  }

  boolean isOperand(Expression node) {
    return isUntyped(node) || node instanceof Column || node instanceof CastExpression;
  }

  /// @param expected the type that an untyped constant takes; null for its default
  Expr operand(Expression node, @Nullable ValueType expected) {
    return switch (node) {
      case ParenthesedExpressionList<?> list when list.size() == 1 ->
          operand(list.getFirst(), expected);
      case Column column -> column(column);
      case BooleanValue bool -> constant(Boolean.toString(bool.getValue()), BOOL, node);
      case NullValue _ -> new Expr.Constant(null, null, expected == null ? TEXT : expected);
      case StringValue string -> constant(text(string), expected == null ? TEXT : expected, node);
      case JdbcParameter param -> constant(value(param), expected == null ? TEXT : expected, node);
      case LongValue number -> number(number.getStringValue(), INT8, expected, node);
      case DoubleValue number -> number(number.toString(), NUMERIC, expected, node);
      case SignedExpression signed -> number(signed(signed), INT8, expected, node);
      case CastExpression cast -> cast(cast);
      default -> throw unsupported(node);
    };
  }

  List<Expr.Constant> constants(ExpressionList<?> list, ValueType type) {
    List<Expr.Constant> values = new ArrayList<>(list.size());
    for (Expression element : list) {
      Expr expr = operand(element, type);
      if (!(expr instanceof Expr.Constant constant)) {
        throw unsupported(element);
      }
      if (!constant.type().comparableWith(type)) {
        throw noOperator(element, "=", type);
      }
      values.add(constant);
    }
    return values;
  }

  /// The elements of `ANY($1)`, `ANY('{…}')` or `ANY(ARRAY[…])`.
  List<Expr.Constant> array(Function any, ValueType type) {
    ExpressionList<?> arguments = any.getParameters();
    if (arguments == null || arguments.size() != 1 || !any.toString().matches("(?is)any\\(.*\\)")) {
      throw unsupported(any);
    }
    Expression argument = arguments.getFirst();
    if (argument instanceof ArrayConstructor array && array.isArrayKeyword()) {
      return constants(array.getExpressions(), type);
    }
    if (argument instanceof CastExpression cast) {
      String name = castType(cast);
      if (!name.endsWith("[]")
          || !ValueType.named(name.substring(0, name.length() - 2)).comparableWith(type)) {
        throw unsupported(cast);
      }
      argument = cast.getLeftExpression();
    }
    String text =
        switch (argument) {
          case JdbcParameter param -> value(param);
          case StringValue string -> text(string);
          default -> throw unsupported(argument);
        };
    try {
      List<Expr.Constant> values = new ArrayList<>();
      for (String element : ArrayText.parse(text)) {
        values.add(
            element == null
                ? new Expr.Constant(null, null, type)
                : constant(element, type, argument));
      }
      return values;
    } catch (IllegalArgumentException e) {
      throw refused(argument, e);
    }
  }

  private Expr column(Column node) {
    String name = node.getColumnName();
    if (node.getTable() != null || node.getArrayConstructor() != null) {
      throw unsupported(node);
    }
    String unquoted =
        name.startsWith("\"")
            ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
            : name.toLowerCase(Locale.ROOT);
    int index = table.indexOf(unquoted);
    if (index < 0 || (usable != null && !usable.contains(unquoted))) {
      throw new WhereException(
          Syntax.location(node), "unknown reference " + unquoted.replace("\n", " "));
    }
    return new Expr.Column(index, unquoted, ValueType.of(table.columns().get(index)));
  }

  private Expr cast(CastExpression cast) {
    ValueType type = ValueType.named(castType(cast));
    if (type == OTHER || !isUntyped(cast.getLeftExpression())) {
      throw unsupported(cast);
    }
    if (cast.getLeftExpression() instanceof LongValue number) {
      return number(number.getStringValue(), INT8, type, cast);
    }
    return operand(cast.getLeftExpression(), type);
  }

  private String castType(CastExpression cast) {
    boolean plain = cast.keyword == null || cast.keyword.equalsIgnoreCase("CAST");
    if (!plain || cast.getFormat() != null || cast.getColDataType() == null) {
      throw unsupported(cast);
    }
    return cast.getColDataType().toString().replace(" []", "[]").replace(" [ ]", "[]");
  }

  private Expr.Constant number(
      String text, ValueType own, @Nullable ValueType expected, Expression node) {
    if (expected != null && expected != OTHER && !expected.isNumber()) {
      throw noOperator(node, "=", expected);
    }
    return constant(text, expected == null ? own : expected, node);
  }

  private String signed(SignedExpression node) {
    String digits =
        switch (node.getExpression()) {
          case LongValue number -> number.getStringValue();
          case DoubleValue number -> number.toString();
          default -> throw unsupported(node);
        };
    return switch (node.getSign()) {
      case '-' -> "-" + digits;
      case '+' -> digits;
      default -> throw unsupported(node);
    };
  }

  private Expr.Constant constant(String text, ValueType type, Expression node) {
    if (++constants > MAX_CONSTANTS) {
      throw new WhereException("where clause has more than " + MAX_CONSTANTS + " values");
    }
    if (type == OTHER) {
      throw noOperator(node, "=", type);
    }
    if (text.indexOf('\0') >= 0) {
      throw new WhereException(Syntax.location(node), "a value must not contain the character 0");
    }
    try {
      return new Expr.Constant(type.decode(text), type.canonical(text), type);
    } catch (IllegalArgumentException e) {
      throw refused(node, e);
    }
  }

  private String text(StringValue string) {
    String prefix = string.getPrefix();
    if ((prefix != null && !prefix.isEmpty()) || !string.toString().startsWith("'")) {
      throw unsupported(string);
    }
    return string.getNotExcapedValue();
  }

  private String value(JdbcParameter param) {
    if (!param.isUseFixedIndex() || !"$".equals(param.getParameterCharacter())) {
      throw new WhereException(Syntax.location(param), "syntax error at or near \"?\"");
    }
    String value = params.get(param.getIndex());
    if (value == null) {
      throw new WhereException(
          Syntax.location(param), "parameter $" + param.getIndex() + " was not provided");
    }
    return value;
  }

  WhereException unsupported(Expression node) {
    return new WhereException(
        Syntax.location(node), node.getClass().getSimpleName() + " is not currently supported");
  }

  WhereException noOperator(Expression node, String operator, ValueType type) {
    return new WhereException(
        Syntax.location(node),
        "Could not select an operator overload for " + operator + " on " + type.sql());
  }

  WhereException refused(Expression node, IllegalArgumentException e) {
    return new WhereException(Syntax.location(node), String.valueOf(e.getMessage()));
  }
}
