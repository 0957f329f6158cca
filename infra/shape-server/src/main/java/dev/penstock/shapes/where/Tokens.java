package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Cuts a clause's text as Postgres' scanner does (`scan.l`). What it reads otherwise than plain
/// SQL is refused: comments, `E''`, `U&''`, dollar quotes, numbers in other bases.
final class Tokens {
  private static final String OPERATOR = "+-*/<>=~!@#%^&|`?";
  private static final String SPECIAL = "~!@#%^&|`?";
  private static final String PUNCTUATION = "(),[].:";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Tokens(String text) {
    this.text = text;
  }

  /// The tokens, the last of kind END.
  static List<Token> of(String text) {
    Tokens tokens = new Tokens(text);
    tokens.scan();
    return tokens.tokens;
  }

  private void scan() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ' || (c >= '\t' && c <= '\r')) {
        at++;
      } else if (c == '\'') {
        quoted(Token.Kind.STRING, c, "unterminated quoted string");
      } else if (c == '"') {
        quoted(Token.Kind.QUOTED_NAME, c, "unterminated quoted identifier");
      } else if (isDigit(at) || (c == '.' && isDigit(at + 1))) {
        number();
      } else if (c == '$' && isDigit(at + 1)) {
        parameter();
      } else if (isNameStart(c)) {
        int start = at;
        while (at < text.length() && isNamePart(text.charAt(at))) {
          at++;
        }
        add(Token.Kind.WORD, start, folded(text.substring(start, at)));
      } else if (c == ':' && text.startsWith("::", at)) {
        at += 2;
        add(Token.Kind.SYMBOL, at - 2, "::");
      } else if (PUNCTUATION.indexOf(c) >= 0) {
        at++;
        add(Token.Kind.SYMBOL, at - 1, String.valueOf(c));
      } else if (OPERATOR.indexOf(c) >= 0) {
        operator();
      } else if (c == ';') {
        throw new WhereException("unescaped \";\" causing statement split");
      } else {
        throw unexpected(at);
      }
    }
    add(Token.Kind.END, at, "");
  }

  private void add(Token.Kind kind, int start, String meant) {
    tokens.add(new Token(kind, start, meant, text.substring(start, at)));
  }

  private void quoted(Token.Kind kind, char quote, String unterminated) {
    int start = at++;
    StringBuilder value = new StringBuilder();
    while (true) {
      int end = text.indexOf(quote, at);
      if (end < 0) {
        throw new WhereException(WhereException.SYNTAX_OFFSET + text.length(), unterminated);
      }
      value.append(text, at, end);
      at = end + 1;
      if (at >= text.length() || text.charAt(at) != quote) {
        break;
      }
      value.append(quote);
      at++;
    }
    if (value.indexOf("\0") >= 0 || (value.isEmpty() && kind == Token.Kind.QUOTED_NAME)) {
      throw unexpected(start);
    }
    add(kind, start, value.toString());
  }

  private void number() {
    int start = at;
    digits();
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      digits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      boolean signed =
          at + 1 < text.length() && (text.charAt(at + 1) == '-' || text.charAt(at + 1) == '+');
      int exponent = at + (signed ? 2 : 1);
      if (isDigit(exponent)) {
        at = exponent;
        digits();
      }
    }
    requireEnd(start);
    add(Token.Kind.NUMBER, start, text.substring(start, at));
  }

  private void parameter() {
    int start = at++;
    digits();
    requireEnd(start);
    if (at - start > 6) {
      throw unexpected(start);
    }
    add(Token.Kind.PARAMETER, start, text.substring(start + 1, at));
  }

  private void digits() {
    while (isDigit(at)) {
      at++;
    }
  }

  /// No name directly behind a number.
  private void requireEnd(int start) {
    if (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
      throw unexpected(start);
    }
  }

  /// As long as it goes; a sign at its end belongs to it only behind certain characters.
  private void operator() {
    int start = at;
    while (at < text.length() && OPERATOR.indexOf(text.charAt(at)) >= 0) {
      if (text.startsWith("--", at) || text.startsWith("/*", at)) {
        throw unexpected(at);
      }
      at++;
    }
    String run = text.substring(start, at);
    if (run.chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0)) {
      while (run.length() > 1 && (run.endsWith("-") || run.endsWith("+"))) {
        run = run.substring(0, run.length() - 1);
      }
    }
    at = start + run.length();
    add(Token.Kind.SYMBOL, start, run.equals("!=") ? "<>" : run);
  }

  private WhereException unexpected(int from) {
    String near = text.substring(from, Math.max(from + 1, Math.min(at, from + 40)));
    return new WhereException(
        WhereException.SYNTAX_OFFSET + from, "syntax error at or near \"" + near + "\"");
  }

  private boolean isDigit(int index) {
    return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
  }

  private static boolean isNameStart(char c) {
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c >= 0x80;
  }

  private static boolean isNamePart(char c) {
    return isNameStart(c) || (c >= '0' && c <= '9') || c == '$';
  }

  /// Postgres folds the letters of ASCII alone.
  private static String folded(String name) {
    return name.chars().allMatch(c -> c < 0x80)
        ? name.toLowerCase(Locale.ROOT)
        : name.codePoints()
            .map(c -> c < 0x80 ? Character.toLowerCase(c) : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }
}
