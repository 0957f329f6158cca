package dev.penstock.analytics;

import dev.penstock.contracts.Headers;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads Debezium's envelope by the names of fields, so that a column more changes nothing.
final class ChangeReader {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ChangeReader() {}

  static Change read(ConsumerRecord<byte[], byte[]> kafka) {
    try {
      byte[] value = kafka.value();
      if (value == null) {
        return new Change.Remove(id(kafka));
      }
      JsonNode envelope = JSON.readTree(value);
      String op = envelope.path("op").asString("");
      return switch (op) {
        case "c", "u", "r" -> new Change.Put(row(envelope.path("after"), kafka));
        case "d" -> new Change.Remove(id(kafka));
        case "t" -> new Change.Clear();
        default -> new Change.Unreadable("op is none of c, u, r, d, t");
      };
    } catch (JacksonException e) {
      return new Change.Unreadable("not JSON");
    } catch (MissingException e) {
      return new Change.Unreadable(e.getMessage());
    }
  }

  private static UUID id(ConsumerRecord<byte[], byte[]> kafka) throws MissingException {
    byte[] key = kafka.key();
    if (key == null) {
      throw new MissingException("there is no key");
    }
    return uuid(JSON.readTree(key), "id");
  }

  private static MessageRow row(JsonNode after, ConsumerRecord<byte[], byte[]> kafka)
      throws MissingException {
    JsonNode content = after.path("content");
    return new MessageRow(
        uuid(after, "id"),
        uuid(after, "conversation_id"),
        text(after, "role"),
        text(after, "status"),
        content.isString() ? length(content.asString()) : null,
        after.path("reply_to").isString() ? uuid(after, "reply_to") : null,
        time(after, "created_at"),
        time(after, "updated_at"),
        number(kafka, Headers.COMMIT_LSN),
        number(kafka, Headers.SEQ));
  }

  /// As Postgres' `length` counts.
  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String text(JsonNode row, String field) throws MissingException {
    JsonNode value = row.path(field);
    if (!value.isString()) {
      throw new MissingException(field + " is no text");
    }
    return value.asString();
  }

  private static UUID uuid(JsonNode row, String field) throws MissingException {
    try {
      return UUID.fromString(text(row, field));
    } catch (IllegalArgumentException e) {
      throw new MissingException(field + " is no UUID");
    }
  }

  private static LocalDateTime time(JsonNode row, String field) throws MissingException {
    try {
      return OffsetDateTime.parse(text(row, field))
          .withOffsetSameInstant(ZoneOffset.UTC)
          .toLocalDateTime();
    } catch (DateTimeException e) {
      throw new MissingException(field + " is no time");
    }
  }

  private static long number(ConsumerRecord<byte[], byte[]> kafka, String header)
      throws MissingException {
    @Nullable String text = Headers.text(kafka.headers(), header);
    try {
      return text == null ? 0 : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new MissingException("the header " + header + " is no number");
    }
  }

  private static final class MissingException extends Exception {
    MissingException(String reason) {
      super(reason);
    }

    @Override
    public String getMessage() {
      return java.util.Objects.requireNonNull(super.getMessage());
    }
  }
}
