package dev.penstock.gateway.shape;

/// A value that the caller sent is wrong.
public final class InvalidParameterException extends Exception {
  private final String field;

  /// @param field the JSON path, such as `params.conversationId`
  /// @param reason what it must be
  public InvalidParameterException(String field, String reason) {
    super(field + " " + reason);
    this.field = field;
  }

  String field() {
    return field;
  }
}
