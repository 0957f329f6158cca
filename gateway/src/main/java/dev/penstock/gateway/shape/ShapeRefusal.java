package dev.penstock.gateway.shape;

import java.util.List;
import java.util.Map;

/// A request on `/shape` that the gateway answers itself, in Electric's own form: the client reads
/// the JSON of a 4xx and must never see 5xx or 409 for what a retry does not mend.
final class ShapeRefusal extends Exception {
  private final int status;
  private final Map<String, ?> body;

  private ShapeRefusal(int status, String message, Map<String, ?> body) {
    super(message, null, false, false);
    this.status = status;
    this.body = body;
  }

  static ShapeRefusal unauthorized() {
    String message = "Missing, invalid or expired Shape Token";
    return new ShapeRefusal(401, message, Map.of("message", message));
  }

  static ShapeRefusal forbidden() {
    String message = "The Shape Token is for another shape";
    return new ShapeRefusal(403, message, Map.of("message", message));
  }

  static ShapeRefusal invalid(String field, String reason) {
    return new ShapeRefusal(
        400,
        reason,
        Map.of("message", "Invalid request", "errors", Map.of(field, List.of(reason))));
  }

  /// Of `where`, `order_by`, `limit` or `offset`, in the form that Electric has for them.
  static ShapeRefusal notASubset(String field) {
    String reason =
        switch (field) {
          case "where" -> "must be one condition, without queries, comments and other functions";
          case "order_by" -> "must be columns, each with asc or desc and nulls first or last";
          default -> "must be a whole number";
        };
    return new ShapeRefusal(
        400,
        reason,
        Map.of(
            "message",
            "Invalid request",
            "errors",
            Map.of("subset", Map.of(field, List.of(reason)))));
  }

  static ShapeRefusal invalidBody(int status, String error) {
    return new ShapeRefusal(status, error, Map.of("error", error));
  }

  static ShapeRefusal unavailable() {
    String message = "The shape server does not answer, please retry";
    return new ShapeRefusal(
        503, message, Map.of("code", "upstream_unavailable", "message", message));
  }

  static ShapeRefusal tooMany() {
    String message = "Concurrent request limit to the shape server exceeded, please retry";
    return new ShapeRefusal(
        503, message, Map.of("code", "concurrent_request_limit_exceeded", "message", message));
  }

  static ShapeRefusal methodNotAllowed() {
    String message = "GET, POST, HEAD and OPTIONS are allowed";
    return new ShapeRefusal(405, message, Map.of("message", message));
  }

  int status() {
    return status;
  }

  Map<String, ?> body() {
    return body;
  }
}
