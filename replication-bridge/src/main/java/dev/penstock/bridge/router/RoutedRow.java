package dev.penstock.bridge.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Headers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/// What a record of a keyed topic says of its key's row.
///
/// @param name the topics' prefix of whoever wrote it
/// @param op Debezium's operation
/// @param digest of the row as it is behind the change, null where there is none
@SuppressWarnings("ArrayRecordComponent") // two are compared by their digests only
record RoutedRow(String name, String schema, String table, String op, byte @Nullable [] digest) {
  static final int DIGEST_BYTES = 16;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Empty if it is not an envelope.
  static Optional<RoutedRow> of(byte[] value, org.apache.kafka.common.header.Headers headers) {
    String name = "";
    String schema = "";
    String table = "";
    String op = "";
    byte[] digest = null;
    try (JsonParser json = JSON.createParser(value)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      for (String field = json.nextName(); field != null; field = json.nextName()) {
        JsonToken token = json.nextToken();
        if (field.equals("op")) {
          op = String.valueOf(json.getString());
        } else if (field.equals("after") && token == JsonToken.START_OBJECT) {
          int start = (int) json.currentTokenLocation().getByteOffset();
          json.skipChildren();
          digest = digest(value, start, (int) json.currentLocation().getByteOffset(), headers);
        } else if (field.equals("source") && token == JsonToken.START_OBJECT) {
          for (String part = json.nextName(); part != null; part = json.nextName()) {
            json.nextToken();
            String text = String.valueOf(json.getString());
            switch (part) {
              case "name" -> name = text;
              case "schema" -> schema = text;
              case "table" -> table = text;
              default -> json.skipChildren();
            }
          }
        } else {
          json.skipChildren();
        }
      }
    } catch (JacksonException e) {
      return Optional.empty();
    }
    return op.isEmpty()
        ? Optional.empty()
        : Optional.of(new RoutedRow(name, schema, table, op, digest));
  }

  /// Of a row that was too large, the record does not have all: it is the same only as one that the
  /// same generation has written.
  private static byte[] digest(
      byte[] value, int from, int to, org.apache.kafka.common.header.Headers headers) {
    MessageDigest digest = md5();
    digest.update(value, from, to - from);
    if (headers.lastHeader(TransactionRecords.OVERSIZE) != null) {
      digest.update(String.valueOf(Headers.text(headers, Headers.GENERATION)).getBytes(UTF_8));
    }
    return digest.digest();
  }

  /// Against accidents, not against attackers; the fastest that every JVM has.
  static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
