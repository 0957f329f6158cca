package dev.penstock.gateway.revocation;

import dev.penstock.gateway.http.StrictJson;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The value of a record in the topic: `{"revokedAt": <epoch milliseconds>}`.
final class RevocationRecord {
  private RevocationRecord() {}

  static byte[] write(Instant at) {
    return StrictJson.bytes(Map.of("revokedAt", at.toEpochMilli()));
  }

  /// Reads a value.
  ///
  /// @throws IllegalArgumentException if it is none: whoever wrote it meant to revoke something
  static Instant read(byte[] value) {
    JsonNode at = StrictJson.object(value).get("revokedAt");
    if (at == null || !at.isIntegralNumber() || !at.canConvertToLong()) {
      throw new IllegalArgumentException("no revokedAt");
    }
    return Instant.ofEpochMilli(at.longValue());
  }
}
