package dev.penstock.answers;

import dev.penstock.contracts.QuestionAskedUpcast;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads of a `QuestionAsked` record what is needed, the answer's id: all else is read from the
/// database, so a record can at worst name a row that waits for an answer anyway.
final class QuestionRecords {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private QuestionRecords() {}

  /// Whether a replay wrote it: its question was answered, and costs no model call again.
  static boolean isReplayed(Headers headers) {
    return headers.lastHeader(dev.penstock.contracts.Headers.REPLAYED) != null;
  }

  /// Nothing where the value is no `QuestionAsked`.
  static Optional<UUID> answerId(byte @Nullable [] value) {
    if (value == null) {
      return Optional.empty();
    }
    try {
      JsonNode id = QuestionAskedUpcast.current(JSON.readTree(value)).path("answerId");
      return id.isString() ? Optional.of(UUID.fromString(id.asString())) : Optional.empty();
    } catch (JacksonException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
