package dev.penstock.shapes.where;

import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParserConstants;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.Token;
import net.sf.jsqlparser.parser.TokenMgrException;

/// From text to the parser library's tree, with its limits and with the wording and places of
/// Postgres' own parser.
final class Syntax {
  private static final int MAX_LENGTH = 64 << 10;
  private static final int MAX_DEPTH = 64;

  private Syntax() {}

  static Expression parse(String text) {
    check(text);
    // The "complex" mode of the library takes exponential time on nested parentheses.
    CCJSqlParser parser = CCJSqlParserUtil.newParser(text).withAllowComplexParsing(false);
    try {
      Expression expression = parser.Expression();
      Token rest = parser.getNextToken();
      if (rest.kind != CCJSqlParserConstants.EOF) {
        throw at(rest, text);
      }
      return expression;
    } catch (ParseException e) {
      Token current = e.currentToken;
      throw current == null || current.next == null ? atEnd(text) : at(current.next, text);
    } catch (TokenMgrException e) {
      throw new WhereException(WhereException.SYNTAX_OFFSET, "syntax error");
    } catch (StackOverflowError e) {
      throw new WhereException("where clause is nested too deeply");
    }
  }

  /// Where the node begins in the text; 0 where the library does not know.
  static int location(Expression node) {
    return node.getASTNode() == null
        ? 0
        : Math.max(0, node.getASTNode().jjtGetFirstToken().absoluteBegin - 1);
  }

  private static WhereException at(Token token, String text) {
    if (token.kind == CCJSqlParserConstants.EOF) {
      return atEnd(text);
    }
    return new WhereException(
        WhereException.SYNTAX_OFFSET + Math.max(0, token.absoluteBegin - 1),
        "syntax error at or near \"" + token.image + "\"");
  }

  private static WhereException atEnd(String text) {
    return new WhereException(
        WhereException.SYNTAX_OFFSET + text.length(), "syntax error at end of input");
  }

  /// Refuses what the library reads otherwise than Postgres, and what would take it too long.
  private static void check(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new WhereException("where clause is bigger than maximum size of " + MAX_LENGTH);
    }
    int depth = 0;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
        continue;
      }
      switch (c) {
        case '\'', '"' -> quote = c;
        case '(' -> depth++;
        case ')' -> depth--;
        case ';' -> throw new WhereException("unescaped \";\" causing statement split");
        case '`', '{', '}', '\\', '\0' -> throw unexpected(i, c);
        case '-' -> refusePair(text, i, '-');
        case '/' -> refusePair(text, i, '*');
        case '$' -> refusePair(text, i, '$');
        default -> {}
      }
      if (depth > MAX_DEPTH) {
        throw new WhereException("where clause is nested too deeply");
      }
    }
    if (quote != 0) {
      throw new WhereException(
          WhereException.SYNTAX_OFFSET + text.length(),
          quote == '"' ? "unterminated quoted identifier" : "unterminated quoted string");
    }
  }

  private static void refusePair(String text, int at, char second) {
    if (at + 1 < text.length() && text.charAt(at + 1) == second) {
      throw unexpected(at, text.charAt(at));
    }
  }

  private static WhereException unexpected(int at, char c) {
    return new WhereException(
        WhereException.SYNTAX_OFFSET + at, "syntax error at or near \"" + c + "\"");
  }
}
