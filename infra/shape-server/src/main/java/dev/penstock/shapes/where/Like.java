package dev.penstock.shapes.where;

import org.jspecify.annotations.Nullable;

/// `LIKE` and `ILIKE`.
///
/// @param escape the escape character, empty for none, null for a backslash
/// @param compiled the pattern, null if it is not always the same
record Like(
    Expr value,
    Expr pattern,
    boolean insensitive,
    @Nullable String escape,
    @Nullable LikePattern compiled)
    implements Expr {
  /// @throws IllegalArgumentException if the pattern ends with its escape character
  static Like of(Expr value, Expr pattern, boolean insensitive, @Nullable String escape) {
    LikePattern compiled = null;
    if (pattern instanceof Constant constant && constant.value() instanceof String text) {
      compiled = new LikePattern(text, escapeOf(escape), insensitive);
      if (compiled.isBroken()) {
        throw new IllegalArgumentException("LIKE pattern must not end with escape character");
      }
    }
    return new Like(value, pattern, insensitive, escape, compiled);
  }

  private static int escapeOf(@Nullable String escape) {
    return escape == null ? '\\' : escape.isEmpty() ? LikePattern.NO_ESCAPE : escape.codePointAt(0);
  }

  @Override
  public ValueType type() {
    return ValueType.BOOL;
  }

  @Override
  public @Nullable Comparable<?> evaluate(Row row) {
    // The raw text: LIKE sees the padding of char(n).
    Object text = value instanceof Column column ? row.text(column.index()) : value.evaluate(row);
    Comparable<?> wanted = pattern.evaluate(row);
    if (text == null || wanted == null) {
      return null;
    }
    LikePattern matcher =
        compiled != null
            ? compiled
            : new LikePattern((String) wanted, escapeOf(escape), insensitive);
    return matcher.matches((String) text);
  }

  @Override
  public void sql(Sql sql) {
    sql.append("(").append(value);
    // On both sides: two collations that are named must not meet.
    String collation = insensitive ? TextFunctions.UNICODE : TextFunctions.BYTES;
    sql.append(collation).append(insensitive ? "ilike " : "like ");
    sql.append(pattern).append(collation);
    if (escape != null) {
      sql.append(" escape ").value(escape, "text");
    }
    sql.append(")");
  }
}
