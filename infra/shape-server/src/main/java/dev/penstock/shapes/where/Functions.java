package dev.penstock.shapes.where;

import static dev.penstock.shapes.where.ValueType.BPCHAR;
import static dev.penstock.shapes.where.ValueType.FLOAT8;
import static dev.penstock.shapes.where.ValueType.INTERVAL;
import static dev.penstock.shapes.where.ValueType.OTHER;
import static dev.penstock.shapes.where.ValueType.TEXT;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Types operators that make values, casts, and functions. There is no function here that is not
/// immutable: what it makes of a row today it makes of it tomorrow.
final class Functions {
  private final Typing typing;

  Functions(Typing typing) {
    this.typing = typing;
  }

  Expr operator(Node.Binary node) {
    if (node.operator().equals("||")) {
      return joined(node);
    }
    boolean untypedLeft = Operands.isUntyped(node.left());
    if (untypedLeft && Operands.isUntyped(node.right())) {
      throw Operands.unsupported(node);
    }
    Expr left;
    Expr right;
    if (untypedLeft) {
      right = typing.expr(node.right(), null);
      left = typing.expr(node.left(), other(node, right.type(), false));
    } else {
      left = typing.expr(node.left(), null);
      right = typing.expr(node.right(), other(node, left.type(), true));
    }
    Call call =
        left.type().isNumber() && right.type().isNumber()
            ? Arithmetic.of(node.operator(), left, right)
            : TimeOperators.of(node.operator(), left, right);
    if (call == null) {
      throw Operands.noOperator(node, node.operator(), left.type());
    }
    return call;
  }

  /// The type of a string or parameter beside an operand of a known type.
  private static ValueType other(Node.Binary node, ValueType known, boolean isRight) {
    return switch (known) {
      case TIMESTAMP, TIMESTAMPTZ -> node.operator().equals("+") ? INTERVAL : known;
      case INTERVAL ->
          switch (node.operator()) {
            case "*" -> FLOAT8;
            case "/" -> isRight ? FLOAT8 : INTERVAL;
            default -> INTERVAL;
          };
      case DATE, TIME -> {
        // To Postgres it is not unique.
        if (node.operator().equals("+")) {
          throw Operands.noOperator(node, "+", known);
        }
        yield known;
      }
      default -> known;
    };
  }

  private Expr joined(Node.Binary node) {
    Expr left = typing.expr(node.left(), TEXT);
    Expr right = typing.expr(node.right(), TEXT);
    if (!left.type().isText() && !right.type().isText()) {
      throw Operands.noOperator(node, "||", left.type());
    }
    return TextFunctions.joined(text(left, node.left()), text(right, node.right()));
  }

  /// What a cast to text makes of it.
  private static Expr text(Expr expr, Node node) {
    ValueType type = expr.type();
    if (expr instanceof Expr.Column column
        && type != OTHER
        && type != ValueType.BOOL
        && type != BPCHAR) {
      return new RawText(column.index(), column.name());
    }
    if (type.isText() && type != BPCHAR) {
      return expr;
    }
    if (!Conversion.exists(type, TEXT)) {
      throw Operands.noOperator(node, "::text", type);
    }
    return cast(expr, TEXT);
  }

  Expr cast(Node.Cast node) {
    ValueType type = ValueType.named(node.type());
    if (type == OTHER) {
      throw new WhereException(node.at(), "type " + node.type() + " is not currently supported");
    }
    Expr part = typing.expr(node.part(), type);
    if (part.type() == type) {
      return part;
    }
    if (type.isText() && type != BPCHAR) {
      return text(part, node);
    }
    if (!Conversion.exists(part.type(), type)) {
      throw new WhereException(
          node.at(), "unknown cast from type " + part.type().sql() + " to type " + type.sql());
    }
    return part instanceof Expr.Constant constant && part.type().isNumber() && type.isNumber()
        ? typing.operands().folded(constant, type, node)
        : cast(part, type);
  }

  private static Call cast(Expr part, ValueType type) {
    ValueType from = part.type();
    return Call.unary(
        type,
        "(",
        part,
        "::" + type.sql() + ")",
        // There is no time of day in infinity.
        v ->
            type == ValueType.TIME && TimeArithmetic.isInfinite((Long) v[0])
                ? null
                : Conversion.cast(v[0], from, type));
  }

  Expr call(Node.Function node) {
    List<Node> arguments = node.arguments();
    String overload = node.name() + "/" + arguments.size();
    return switch (arguments.isEmpty() ? "" : node.name()) {
      case "coalesce" -> choice(Choice.Kind.COALESCE, node);
      case "greatest" -> choice(Choice.Kind.GREATEST, node);
      case "least" -> choice(Choice.Kind.LEAST, node);
      case "concat" -> concat(node);
      default ->
          switch (overload) {
            case "lower/1" -> TextFunctions.lower(textual(node));
            case "upper/1" -> TextFunctions.upper(textual(node));
            case "length/1", "char_length/1", "character_length/1" ->
                TextFunctions.length(textual(node));
            case "abs/1" -> absolute(node);
            case "nullif/2" -> nullIf(node);
            default ->
                throw new WhereException(node.at(), "unknown or unsupported function " + overload);
          };
    };
  }

  private Expr textual(Node.Function node) {
    Expr part = typing.expr(node.arguments().getFirst(), TEXT);
    if (!part.type().isText()) {
      throw Operands.noOperator(node, node.name(), part.type());
    }
    return part;
  }

  private Expr absolute(Node.Function node) {
    Node argument = node.arguments().getFirst();
    Expr part = typing.expr(argument, FLOAT8);
    if (!part.type().isNumber()) {
      throw Operands.noOperator(node, node.name(), part.type());
    }
    return Arithmetic.absolute(part);
  }

  private Expr choice(Choice.Kind kind, Node.Function node) {
    List<Expr> typed = new ArrayList<>();
    @Nullable ValueType type = typing.common(node.arguments(), typed);
    if (type == null || (kind != Choice.Kind.COALESCE && !type.ordered())) {
      throw Operands.noOperator(node, node.name(), type == null ? OTHER : type);
    }
    return new Choice(kind, typed, type);
  }

  /// Each argument as it is printed; of a boolean that is a letter, unlike in a cast.
  private Expr concat(Node.Function node) {
    List<Expr> texts = new ArrayList<>();
    for (Node argument : node.arguments()) {
      Expr part = typing.expr(argument, TEXT);
      if (part.type() == ValueType.BOOL || part.type() == BPCHAR) {
        throw Operands.noOperator(node, node.name(), part.type());
      }
      texts.add(text(part, argument));
    }
    return TextFunctions.concat(texts);
  }

  private Expr nullIf(Node.Function node) {
    List<Node> arguments = node.arguments();
    Expr equal =
        typing.compare(Expr.Operator.EQUAL, arguments.getFirst(), arguments.getLast(), node);
    List<Expr> sides = typing.sides(arguments.getFirst(), arguments.getLast());
    Expr value = sides.getFirst();
    ValueType type = ofFirst(value.type(), sides.getLast().type());
    return new NullIf(value.type() == type ? value : cast(value, type), equal);
  }

  /// As what the equality operator takes its first operand; among integers, and for a float4, there
  /// are operators on two types.
  private static ValueType ofFirst(ValueType first, ValueType second) {
    ValueType as = first.comparedWith(second);
    boolean converted =
        (first == ValueType.NUMERIC && second.isFloat())
            || (first.isInteger() && !second.isInteger())
            || (first == BPCHAR && second != BPCHAR);
    return as != null && converted ? as : first;
  }
}
