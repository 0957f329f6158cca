package dev.penstock.command;

import org.jspecify.annotations.Nullable;

/// A request that no repetition can make valid: 400.
final class InvalidRequestException extends RuntimeException {
  private final @Nullable String field;
  private final String reason;

  /// @param field the field at fault, or null where it is the body as a whole
  /// @param reason what must hold, without the value
  InvalidRequestException(@Nullable String field, String reason) {
    super(field == null ? reason : field + " " + reason);
    this.field = field;
    this.reason = reason;
  }

  @Nullable String field() {
    return field;
  }

  String reason() {
    return reason;
  }
}
