package dev.penstock.shapes.http;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// A request that gets an error instead of a shape.
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final transient Answer answer;

  private Refusal(Answer answer) {
    super("refused with status " + answer.status(), null, false, false);
    this.answer = answer;
  }

  Answer answer() {
    return answer;
  }

  /// 400 with the field's messages.
  static Refusal invalid(String field, String message) {
    return errors(Map.of(field, List.of(message)));
  }

  /// 400 with a field of the subset.
  static Refusal invalidSubset(String field, String message) {
    return errors(Map.of("subset", Map.of(field, List.of(message))));
  }

  private static Refusal errors(Map<String, ?> errors) {
    String body = JSON.writeValueAsString(Map.of("errors", errors));
    return new Refusal(Answer.json(400, "{\"message\":\"Invalid request\"," + body.substring(1)));
  }

  /// Any status with the same one-field body.
  static Refusal of(int status, String field, String message) {
    return new Refusal(Answer.json(status, JSON.writeValueAsString(Map.of(field, message))));
  }

  /// 400 for a body that is no JSON.
  static Refusal malformedBody(String details) {
    return new Refusal(
        Answer.json(
            400,
            "{\"error\":\"Invalid JSON in request body\",\"details\":"
                + JSON.writeValueAsString(details)
                + "}"));
  }

  /// 503: the same request may work later.
  static Refusal unavailable(String message, int retryAfter) {
    Answer answer = Answer.json(503, JSON.writeValueAsString(Map.of("message", message)));
    return new Refusal(answer.retryAfter(retryAfter).with("electric-internal-known-error", "true"));
  }

  /// 503: the database does not answer.
  static Refusal unreachable(String message) {
    return new Refusal(
        Answer.json(
                503,
                "{\"code\":\"database_unreachable\",\"error\":"
                    + JSON.writeValueAsString(message)
                    + "}")
            .retryAfter(10));
  }

  static Refusal overloaded(String kind, int limit, int retryAfter) {
    String message =
        "Concurrent %s request limit exceeded (limit: %d), please retry".formatted(kind, limit);
    return new Refusal(
        Answer.json(
                503,
                "{\"code\":\"concurrent_request_limit_exceeded\",\"message\":\"" + message + "\"}")
            .retryAfter(retryAfter)
            .with("electric-internal-known-error", "true"));
  }
}
