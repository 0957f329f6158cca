package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// SQL text under construction with its bound values: a value never becomes part of the text.
public final class Sql {
  private final StringBuilder text = new StringBuilder();
  private final List<@Nullable String> values = new ArrayList<>();

  public Sql append(String sql) {
    text.append(sql);
    return this;
  }

  /// Appends a quoted identifier.
  public Sql identifier(String name) {
    text.append('"').append(name.replace("\"", "\"\"")).append('"');
    return this;
  }

  /// Appends a place for a value, cast to a type.
  public Sql value(@Nullable String value, String type) {
    text.append("?::").append(type);
    values.add(value);
    return this;
  }

  public Sql append(Expr expr) {
    expr.sql(this);
    return this;
  }

  public String text() {
    return text.toString();
  }

  public List<@Nullable String> values() {
    return values;
  }
}
