package dev.penstock.bench;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where a live client asks for one conversation's messages.
///
/// @param path with the shape's definition in its query
/// @param token a Shape Token, null at a shape server
record Target(URI server, String path, @Nullable String token) {
  /// At a shape-server or an Electric.
  static Target shape(String server, String table, UUID conversation, String rest) {
    String where = "conversation_id = '" + conversation + "'";
    return new Target(
        URI.create(server),
        "/v1/shape?table="
            + table
            + "&where="
            + URLEncoder.encode(where, StandardCharsets.UTF_8)
            + rest,
        null);
  }

  static Target gateway(Service gateway, String token) {
    return new Target(URI.create(gateway.url()), "/shape?", token);
  }
}
