package dev.penstock.gateway.shape;

/// No valid Shape Token. The reason is for tests and metrics, never for the client.
final class InvalidShapeTokenException extends Exception {
  InvalidShapeTokenException(String reason) {
    super(reason);
  }

  InvalidShapeTokenException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
