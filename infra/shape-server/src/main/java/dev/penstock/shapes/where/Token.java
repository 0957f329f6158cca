package dev.penstock.shapes.where;

/// A piece of a clause's text.
///
/// @param at where it begins
/// @param text as it is meant: unquoted names folded, quotes resolved
/// @param image as it stands there
record Token(Kind kind, int at, String text, String image) {
  enum Kind {
    /// Unquoted: a name or a key word.
    WORD,
    QUOTED_NAME,
    STRING,
    NUMBER,
    PARAMETER,
    /// An operator or a punctuation mark.
    SYMBOL,
    END
  }

  boolean is(String symbolOrWord) {
    return (kind == Kind.SYMBOL || kind == Kind.WORD) && text.equals(symbolOrWord);
  }
}
