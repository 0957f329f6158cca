package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// Functions on texts. What is done to letters is the same in every database: Unicode's simple case
/// mapping, which `pg_c_utf8` has too.
final class TextFunctions {
  static final String BYTES = " collate \"C\" ";
  static final String UNICODE = " collate \"pg_c_utf8\" ";

  private TextFunctions() {}

  static Call lower(Expr part) {
    return mapped("lower", part, Character::toLowerCase);
  }

  static Call upper(Expr part) {
    return mapped("upper", part, Character::toUpperCase);
  }

  private static Call mapped(String name, Expr part, IntUnaryOperator mapping) {
    return Call.unary(
        ValueType.TEXT,
        "(" + name + "(",
        part,
        UNICODE + ")" + BYTES + ")",
        values -> {
          String text = (String) values[0];
          StringBuilder mapped = new StringBuilder(text.length());
          text.codePoints().map(mapping).forEach(mapped::appendCodePoint);
          return mapped.toString();
        });
  }

  static Call length(Expr part) {
    return Call.unary(
        ValueType.INT4,
        "length(",
        part,
        ")",
        values -> {
          String text = (String) values[0];
          return (long) text.codePointCount(0, text.length());
        });
  }

  /// `||`
  static Call joined(Expr left, Expr right) {
    return Call.binary(
        ValueType.TEXT, left, "||", right, values -> (String) values[0] + (String) values[1]);
  }

  /// `concat`, which passes over NULLs.
  static Call concat(List<Expr> texts) {
    List<Expr> arguments = new ArrayList<>();
    List<String> sql = new ArrayList<>();
    sql.add("concat(");
    for (Expr text : texts) {
      arguments.add(
          new Choice(
              Choice.Kind.COALESCE,
              List.of(text, new Expr.Constant("", "", ValueType.TEXT)),
              ValueType.TEXT));
      sql.add(arguments.size() < texts.size() ? ", " : ")");
    }
    return new Call(
        ValueType.TEXT,
        arguments,
        values -> {
          StringBuilder whole = new StringBuilder();
          for (Comparable<?> value : values) {
            whole.append((String) value);
          }
          return whole.toString();
        },
        sql);
  }
}
