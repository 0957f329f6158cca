package dev.penstock.shapes.where;

/// A clause that is not understood. The message is the client's to read.
public final class WhereException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// The length of `SELECT 1 WHERE `, within which Electric counts the place of a syntax error.
  static final int SYNTAX_OFFSET = 15;

  WhereException(String message) {
    super(message);
  }

  WhereException(int location, String reason) {
    super("At location " + location + ": " + reason);
  }
}
