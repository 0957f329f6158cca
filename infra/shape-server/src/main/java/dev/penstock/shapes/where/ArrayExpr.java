package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An array: a column, or a constant.
sealed interface ArrayExpr {
  ValueType element();

  @Nullable Value evaluate(Row row);

  void sql(Sql sql);

  /// An array's elements in their place.
  ///
  /// @param shape see [ArrayText.Parsed]
  /// @param elements decoded, null for NULL
  record Value(String shape, List<@Nullable Comparable<?>> elements) {
    static Value of(ArrayText.Parsed parsed, ValueType element) {
      List<@Nullable Comparable<?>> values = new ArrayList<>(parsed.elements().size());
      for (String text : parsed.elements()) {
        values.add(text == null ? null : element.decode(text));
      }
      return new Value(parsed.shape(), values);
    }
  }

  record Column(int index, String name, ValueType element) implements ArrayExpr {
    @Override
    public @Nullable Value evaluate(Row row) {
      String text = row.text(index);
      return text == null ? null : Value.of(ArrayText.parse(text), element);
    }

    @Override
    public void sql(Sql sql) {
      sql.identifier(name).append(element == ValueType.LABEL ? "::text[]" : "");
    }
  }

  /// A client's array.
  ///
  /// @param text what Postgres gets
  record Constant(Value value, String text, ValueType element) implements ArrayExpr {
    /// An array of one dimension.
    ///
    /// @param texts the elements, null for NULL, as their type's [ValueType#canonical] has them
    static Constant of(List<@Nullable String> texts, ValueType element) {
      StringBuilder text = new StringBuilder("{");
      for (String one : texts) {
        text.append(text.length() > 1 ? "," : "");
        text.append(one == null ? "NULL" : quoted(one));
      }
      text.append('}');
      return new Constant(
          Value.of(ArrayText.parse(text.toString()), element), text.toString(), element);
    }

    private static String quoted(String element) {
      return '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    @Override
    public Value evaluate(Row row) {
      return value;
    }

    @Override
    public void sql(Sql sql) {
      sql.value(text, (element == ValueType.VARCHAR ? "varchar" : element.sql()) + "[]");
    }
  }
}
