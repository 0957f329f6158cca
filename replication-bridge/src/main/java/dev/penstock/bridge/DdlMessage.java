package dev.penstock.bridge;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A message that claims to be of the migrations' event trigger. Every role may emit one, and every
/// reader of the log must be able to parse it.
final class DdlMessage {
  private static final int MAX_BYTES = 64 << 10;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private DdlMessage() {}

  /// The content, if it is a JSON object of up to 64 KiB.
  static Optional<String> accept(byte[] content) {
    if (content.length > MAX_BYTES) {
      return Optional.empty();
    }
    // Not from the bytes, of which Jackson guesses the encoding: the log has the text.
    String text = new String(content, StandardCharsets.UTF_8);
    try {
      return JSON.readTree(text).isObject() ? Optional.of(text) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
