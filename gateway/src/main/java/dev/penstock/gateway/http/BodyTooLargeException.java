package dev.penstock.gateway.http;

/// A request's body is longer than its call allows.
public final class BodyTooLargeException extends RuntimeException {
  BodyTooLargeException(int limit) {
    super("the body may have at most " + limit + " bytes");
  }
}
