package dev.penstock.shapes.where;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// From text to syntax: Postgres' expressions (`gram.y`) as far as clauses have them, with its
/// precedence, in one pass without going back. What is not here is a syntax error.
final class Syntax {
  private static final int MAX_LENGTH = 64 << 10;
  private static final int MAX_DEPTH = 128;

  // Precedences, lowest first.
  private static final int OR = 1;
  private static final int AND = 2;
  private static final int NOT = 3;
  private static final int IS = 4;
  private static final int COMPARISON = 5;
  private static final int MATCHING = 6;
  private static final int OTHER = 7;
  private static final int SUM = 8;
  private static final int PRODUCT = 9;
  private static final int SIGN = 10;
  private static final int CAST = 11;

  private static final Set<String> COMPARISONS = Set.of("=", "<>", "<", ">", "<=", ">=");

  private final List<Token> tokens;
  private int next;
  private int depth;

  private Syntax(List<Token> tokens) {
    this.tokens = tokens;
  }

  static Node parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new WhereException("where clause is bigger than maximum size of " + MAX_LENGTH);
    }
    Syntax syntax = new Syntax(Tokens.of(text));
    Node node = syntax.expression(OR);
    if (syntax.peek().kind() != Token.Kind.END) {
      throw syntax.unexpected();
    }
    return node;
  }

  /// An expression whose operators bind at least so tightly.
  private Node expression(int lowest) {
    if (++depth > MAX_DEPTH) {
      throw new WhereException("where clause is nested too deeply");
    }
    Node left = operand();
    // Of these precedences no two stand side by side: `a = b = c` is an error.
    int taken = 0;
    while (true) {
      int precedence = precedence();
      if (precedence < lowest) {
        depth--;
        return left;
      }
      if (precedence == taken) {
        throw unexpected();
      }
      Token operator = take();
      left =
          switch (precedence) {
            case OR, AND -> junction(left, operator, precedence);
            case IS -> is(left, operator);
            case COMPARISON -> compared(left, operator);
            case MATCHING -> matched(left, operator);
            case CAST -> new Node.Cast(left.at(), left, typeName());
            default ->
                new Node.Binary(left.at(), operator.text(), left, expression(precedence + 1));
          };
      taken = endsOpen(left) ? precedence : 0;
    }
  }

  private static boolean endsOpen(Node node) {
    return switch (node) {
      case Node.Binary binary -> COMPARISONS.contains(binary.operator());
      case Node.Like _, Node.Between _, Node.Distinct _ -> true;
      default -> false;
    };
  }

  /// The precedence of the operator that is next; 0 if none is.
  private int precedence() {
    Token token = peek();
    return switch (token.kind()) {
      case WORD ->
          switch (token.text()) {
            case "or" -> OR;
            case "and" -> AND;
            case "is" -> IS;
            case "like", "ilike", "between", "in" -> MATCHING;
            case "not" ->
                switch (tokens.get(next + 1).text()) {
                  case "like", "ilike", "between", "in" -> MATCHING;
                  default -> 0;
                };
            default -> 0;
          };
      case SYMBOL ->
          switch (token.text()) {
            case "=", "<>", "<", ">", "<=", ">=" -> COMPARISON;
            case "+", "-" -> SUM;
            case "*", "/", "%" -> PRODUCT;
            case "||", "@>", "<@", "&&" -> OTHER;
            case "::" -> CAST;
            default -> 0;
          };
      default -> 0;
    };
  }

  private Node operand() {
    Token token = take();
    return switch (token.kind()) {
      case STRING -> new Node.Text(token.at(), token.text());
      case NUMBER -> new Node.Numeral(token.at(), token.text());
      case PARAMETER -> new Node.Parameter(token.at(), Integer.parseInt(token.text()));
      case QUOTED_NAME -> name(token);
      case WORD -> word(token);
      case SYMBOL ->
          switch (token.text()) {
            case "(" -> {
              Node inner = expression(OR);
              expect(")");
              yield inner;
            }
            case "-" -> new Node.Minus(token.at(), expression(SIGN));
            case "+" -> expression(SIGN);
            default -> throw unexpected(token);
          };
      case END -> throw unexpected(token);
    };
  }

  private Node name(Token token) {
    if (peek().is(".") || peek().is("(") || peek().is("[")) {
      throw unexpected();
    }
    return new Node.Name(token.at(), token.text());
  }

  private Node word(Token token) {
    return switch (token.text()) {
      case "true", "false" -> new Node.Truth(token.at(), token.text().equals("true"));
      case "null" -> new Node.Truth(token.at(), null);
      case "not" -> new Node.Not(token.at(), expression(NOT));
      case "cast" -> {
        expect("(");
        Node part = expression(OR);
        expect("as");
        String type = typeName();
        expect(")");
        yield new Node.Cast(token.at(), part, type);
      }
      case "array" -> {
        expect("[");
        yield new Node.ArrayOf(token.at(), elements("]"));
      }
      default -> named(token);
    };
  }

  private Node named(Token token) {
    if (Keywords.isReserved(token.text())) {
      throw unexpected(token);
    }
    if (accept("(")) {
      return new Node.Function(token.at(), token.text(), elements(")"));
    }
    if (!beginsLiteral(token)) {
      return name(token);
    }
    next--;
    String type = typeName();
    if (peek().kind() != Token.Kind.STRING) {
      throw unexpected();
    }
    Token literal = take();
    return new Node.Cast(token.at(), new Node.Text(literal.at(), literal.text()), type);
  }

  /// Whether a type's name is followed by a string: `date '2026-01-01'`.
  private boolean beginsLiteral(Token word) {
    return peek().kind() == Token.Kind.STRING
        || switch (word.text()) {
          case "timestamp", "time" -> peek().is("with") || peek().is("without");
          case "double" -> peek().is("precision");
          case "character" -> peek().is("varying");
          default -> false;
        };
  }

  private List<Node> elements(String end) {
    List<Node> elements = new ArrayList<>();
    if (!accept(end)) {
      do {
        elements.add(expression(OR));
      } while (accept(","));
      expect(end);
    }
    return elements;
  }

  private Node junction(Node left, Token word, int precedence) {
    List<Node> parts = new ArrayList<>(List.of(left));
    do {
      parts.add(expression(precedence + 1));
    } while (accept(word.text()));
    return new Node.Junction(left.at(), precedence == OR, parts);
  }

  private Node is(Node left, Token operator) {
    boolean not = accept("not");
    Token what = take();
    return switch (what.kind() == Token.Kind.WORD ? what.text() : "") {
      case "null" -> new Node.Is(left.at(), not, left, null);
      // Only a boolean may be unknown.
      case "unknown" ->
          new Node.Is(
              left.at(),
              not,
              new Node.Binary(operator.at(), "=", left, new Node.Truth(what.at(), true)),
              null);
      case "true" -> new Node.Is(left.at(), not, left, true);
      case "false" -> new Node.Is(left.at(), not, left, false);
      case "distinct" -> {
        expect("from");
        yield new Node.Distinct(left.at(), not, left, expression(IS + 1));
      }
      default -> throw unexpected(what);
    };
  }

  private Node compared(Node left, Token operator) {
    boolean all = peek().is("all");
    if (all || peek().is("any") || peek().is("some")) {
      take();
      expect("(");
      Node array = expression(OR);
      expect(")");
      return new Node.Quantified(left.at(), operator.text(), all, left, array);
    }
    return new Node.Binary(left.at(), operator.text(), left, expression(COMPARISON + 1));
  }

  private Node matched(Node left, Token first) {
    boolean not = first.is("not");
    Token operator = not ? take() : first;
    return switch (operator.text()) {
      case "in" -> {
        expect("(");
        List<Node> elements = elements(")");
        if (elements.isEmpty()) {
          throw unexpected(tokens.get(next - 1));
        }
        yield new Node.In(left.at(), not, left, elements);
      }
      case "between" -> {
        boolean symmetric = accept("symmetric");
        if (!symmetric) {
          accept("asymmetric");
        }
        Node low = expression(OTHER);
        expect("and");
        yield new Node.Between(left.at(), not, symmetric, left, low, expression(OTHER));
      }
      default -> {
        Node pattern = expression(OTHER);
        Node escape = accept("escape") ? expression(OTHER) : null;
        yield new Node.Like(left.at(), not, operator.is("ilike"), left, pattern, escape);
      }
    };
  }

  /// A type's name as Postgres' catalogue has it; the name as it is where it is none of ours.
  private String typeName() {
    Token token = take();
    if (token.kind() != Token.Kind.WORD) {
      throw unexpected(token);
    }
    String name = token.text();
    if (name.equals("double")) {
      expect("precision");
    } else if (name.equals("character")) {
      expect("varying");
      name = "varchar";
    } else if (name.equals("timestamp") || name.equals("time")) {
      boolean with = accept("with");
      if (with || accept("without")) {
        expect("time");
        expect("zone");
        name += with ? "tz" : "";
      }
    }
    if (peek().is("(")) {
      throw new WhereException(peek().at(), "type modifiers are not currently supported");
    }
    if (accept("[")) {
      expect("]");
      name += "[]";
    }
    return name;
  }

  private Token peek() {
    return tokens.get(next);
  }

  private Token take() {
    Token token = tokens.get(next);
    next = Math.min(next + 1, tokens.size() - 1);
    return token;
  }

  private boolean accept(String symbolOrWord) {
    if (peek().is(symbolOrWord)) {
      next++;
      return true;
    }
    return false;
  }

  private void expect(String symbolOrWord) {
    if (!accept(symbolOrWord)) {
      throw unexpected();
    }
  }

  private WhereException unexpected() {
    return unexpected(peek());
  }

  private static WhereException unexpected(Token token) {
    return new WhereException(
        WhereException.SYNTAX_OFFSET + token.at(),
        token.kind() == Token.Kind.END
            ? "syntax error at end of input"
            : "syntax error at or near \"" + token.image() + "\"");
  }
}
