package dev.penstock.shapes.where;

import static dev.penstock.shapes.where.ValueType.BOOL;
import static dev.penstock.shapes.where.ValueType.INT4;
import static dev.penstock.shapes.where.ValueType.INT8;
import static dev.penstock.shapes.where.ValueType.NUMERIC;
import static dev.penstock.shapes.where.ValueType.OTHER;
import static dev.penstock.shapes.where.ValueType.TEXT;

import dev.penstock.contracts.log.Relation;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Columns, literals, parameters and arrays of a clause. A string or a parameter has no type of its
/// own: it takes that of what it meets, as in Postgres.
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

  static boolean isUntyped(Node node) {
    return switch (node) {
      case Node.Text _, Node.Parameter _ -> true;
      case Node.Truth truth -> truth.value() == null;
      default -> false;
    };
  }

  /// A string, a parameter or NULL.
  Expr.Constant untyped(Node node, ValueType type) {
    return switch (node) {
      case Node.Text text -> constant(text.value(), type, node);
      case Node.Parameter parameter -> constant(value(parameter), type, node);
      case Node.Truth _ -> new Expr.Constant(null, null, type);
      default -> throw unsupported(node);
    };
  }

  Expr.Constant number(Node.Numeral node, String sign) {
    // As in Postgres the sign counts: -2147483648 is an int4.
    ValueType type = NUMERIC;
    if (node.digits().matches("\\d{1,19}")) {
      int bits = new BigInteger(sign + node.digits()).bitLength();
      type = bits < Integer.SIZE ? INT4 : bits < Long.SIZE ? INT8 : NUMERIC;
    }
    return constant(sign + node.digits(), type, node);
  }

  int index(Node.Name node) {
    int index = table.indexOf(node.name());
    if (index < 0 || (usable != null && !usable.contains(node.name()))) {
      throw new WhereException(node.at(), "unknown reference " + node.name().replace('\n', ' '));
    }
    return index;
  }

  Expr column(Node.Name node) {
    int index = index(node);
    return new Expr.Column(index, node.name(), ValueType.of(table.columns().get(index)));
  }

  /// The type of an array's elements; null if the node is no array, or one without a type yet.
  @Nullable ValueType elementType(Node node) {
    return switch (node) {
      case Node.Name name -> {
        Relation.Column column = table.columns().get(index(name));
        yield column.dimensions() > 0 ? ValueType.element(column) : null;
      }
      case Node.Cast cast when cast.type().endsWith("[]") ->
          ValueType.named(cast.type().substring(0, cast.type().length() - 2));
      default -> null;
    };
  }

  /// @param element the type that the elements take where they have none; null for their own
  ArrayExpr array(Node node, @Nullable ValueType element) {
    ValueType own = elementType(node);
    ValueType type = own != null ? own : element;
    if (type == null || type == OTHER) {
      throw unsupported(node);
    }
    return switch (node) {
      case Node.Name name when own != null -> new ArrayExpr.Column(index(name), name.name(), type);
      case Node.Cast cast -> array(cast.part(), type);
      case Node.ArrayOf array -> {
        List<@Nullable String> texts = new ArrayList<>();
        for (Node part : array.elements()) {
          texts.add(constant(part, type).text());
        }
        yield ArrayExpr.Constant.of(texts, type);
      }
      case Node.Text text -> array(text.value(), type, node);
      case Node.Parameter parameter -> array(value(parameter), type, node);
      default -> throw unsupported(node);
    };
  }

  private ArrayExpr array(String text, ValueType type, Node node) {
    try {
      List<@Nullable String> texts = new ArrayList<>();
      for (String element : ArrayText.flat(text)) {
        texts.add(element == null ? null : constant(element, type, node).text());
      }
      return ArrayExpr.Constant.of(texts, type);
    } catch (IllegalArgumentException e) {
      throw refused(node, e);
    }
  }

  /// A constant element of an array of such a type.
  private Expr.Constant constant(Node node, ValueType type) {
    return switch (node) {
      case Node.Numeral number -> folded(number(number, ""), type, node);
      case Node.Minus minus when minus.part() instanceof Node.Numeral number ->
          folded(number(number, "-"), type, node);
      case Node.Truth truth when truth.value() != null -> folded(truth(truth.value()), type, node);
      default -> untyped(node, type);
    };
  }

  static Expr.Constant truth(boolean value) {
    return new Expr.Constant(value, Boolean.toString(value), BOOL);
  }

  /// A constant as one of a type to which Postgres converts it by itself.
  Expr.Constant folded(Expr.Constant constant, ValueType type, Node node) {
    Comparable<?> value = constant.value();
    String text = constant.text();
    if (constant.type() == type || value == null || text == null) {
      return new Expr.Constant(value, text, type);
    }
    if (!Conversion.exists(constant.type(), type)) {
      throw noOperator(node, "=", type);
    }
    try {
      Comparable<?> converted = Conversion.cast(value, constant.type(), type);
      // A date is written as its midnight is.
      return new Expr.Constant(
          converted, type.isMoment() ? text : Conversion.text(converted), type);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refused(node, e);
    }
  }

  private Expr.Constant constant(String text, ValueType type, Node node) {
    if (++constants > MAX_CONSTANTS) {
      throw new WhereException("where clause has more than " + MAX_CONSTANTS + " values");
    }
    if (type == OTHER) {
      throw noOperator(node, "=", type);
    }
    if (text.indexOf('\0') >= 0) {
      throw new WhereException(node.at(), "a value must not contain the character 0");
    }
    try {
      return new Expr.Constant(type.decode(text), type.canonical(text), type);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refused(node, e);
    }
  }

  /// A string or parameter as it stands.
  String textOf(Node node) {
    String text = untyped(node, TEXT).text();
    if (text == null) {
      throw unsupported(node);
    }
    return text;
  }

  private String value(Node.Parameter node) {
    String value = params.get(node.number());
    if (value == null) {
      throw new WhereException(node.at(), "parameter $" + node.number() + " was not provided");
    }
    return value;
  }

  static WhereException unsupported(Node node) {
    String kind = node.getClass().getSimpleName();
    return new WhereException(node.at(), kind + " is not currently supported here");
  }

  static WhereException noOperator(Node node, String operator, ValueType type) {
    return new WhereException(
        node.at(), "Could not select an operator overload for " + operator + " on " + type.sql());
  }

  static WhereException refused(Node node, RuntimeException e) {
    return new WhereException(node.at(), String.valueOf(e.getMessage()));
  }
}
