package dev.penstock.gateway.shape;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// What a client may say in SQL: one condition of the kind that the protocol knows, and a list of
/// columns to order by. The upstream pastes both into its own query, and its parser is the only
/// other thing between a client and the database: so nothing passes here that could leave its
/// parentheses, ask another table, or call a function that can.
final class SubsetText {
  private static final int MAX_ORDER = 1_000;

  // What may stand before a parenthesis: Electric's functions, those of TanStack DB, what is not a
  // function, and types with a length.
  private static final Set<String> CALLABLE =
      Set.of(
          ("lower upper length like ilike concat coalesce greatest least array_cat array_prepend array_append"
                  + " array_ndims timezone justify_days justify_hours justify_interval"
                  + " and or not in any some all is between symmetric cast when then else case array"
                  + " numeric decimal varchar char character bpchar time timestamp timestamptz interval")
              .split(" "));
  // Each of them begins a query.
  private static final Set<String> QUERIES = Set.of("select", "values", "table", "with");
  private static final Pattern COLUMN =
      Pattern.compile(
          "\\s*+(?:\"[^\"\\p{Cntrl}]++\"|[A-Za-z_][A-Za-z0-9_]*+)(?:\\s++(?:asc|desc))?+"
              + "(?:\\s++nulls\\s++(?:first|last))?+\\s*+",
          Pattern.CASE_INSENSITIVE);

  private final String text;
  private int at;
  private int open;
  // The word or name before the present place, if nothing but blanks lies between.
  private String before = "";

  private SubsetText(String text) {
    this.text = text;
  }

  static boolean isCondition(String text) {
    return new SubsetText(text).holds();
  }

  static boolean isOrder(String text) {
    if (text.length() > MAX_ORDER) {
      return false;
    }
    for (String column : text.split(",", -1)) {
      if (!COLUMN.matcher(column).matches()) {
        return false;
      }
    }
    return true;
  }

  private boolean holds() {
    while (at < text.length()) {
      if (!next()) {
        return false;
      }
    }
    return open == 0;
  }

  /// Whether what stands here may stand here; moves behind it.
  private boolean next() {
    char c = text.charAt(at);
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      at++;
      return true;
    }
    if (isLetter(c)) {
      return word();
    }
    String last = before;
    before = "";
    return switch (c) {
      case '\'' -> quoted('\'');
      case '"' -> name();
      case '$' -> parameter();
      case '(', '[' -> {
        open++;
        at++;
        yield last.isEmpty() || c == '[' || CALLABLE.contains(last);
      }
      case ')', ']' -> {
        at++;
        yield --open >= 0;
      }
      case '-' -> symbol('-');
      case '/' -> symbol('*');
      case '*' -> symbol('/');
      default -> {
        at++;
        yield isDigit(c) || ".,=<>+%^|@&#~!:?".indexOf(c) >= 0;
      }
    };
  }

  /// A quote that follows at once would make it another kind of text, with escapes of its own.
  private boolean word() {
    int start = at;
    while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(text.charAt(at)))) {
      at++;
    }
    before = text.substring(start, at).toLowerCase(Locale.ROOT);
    return !QUERIES.contains(before)
        && (at == text.length() || "'\"&$".indexOf(text.charAt(at)) < 0);
  }

  private boolean name() {
    int start = at + 1;
    boolean ends = quoted('"');
    before = ends ? text.substring(start, at - 1) : "";
    return ends;
  }

  private boolean quoted(char quote) {
    for (at++; at < text.length(); at++) {
      if (text.charAt(at) == quote) {
        at++;
        if (at == text.length() || text.charAt(at) != quote) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean parameter() {
    int start = ++at;
    while (at < text.length() && isDigit(text.charAt(at))) {
      at++;
    }
    return at > start
        && (at == text.length() || (!isLetter(text.charAt(at)) && text.charAt(at) != '$'));
  }

  /// A sign that begins or ends a comment together with another one.
  private boolean symbol(char partner) {
    at++;
    return at == text.length() || text.charAt(at) != partner;
  }

  private static boolean isLetter(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
