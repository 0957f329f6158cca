package dev.penstock.gateway.shape;

import dev.penstock.gateway.http.StrictJson;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The outer form of a token, checked before any cryptography: what two parsers could read
/// differently, or what asks the verifier to choose a key or algorithm, is no token of ours.
final class CompactToken {
  static final int MAX_CHARACTERS = 8 * 1024;

  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
  private static final Set<String> HEADERS = Set.of("alg", "kid", "typ");

  private CompactToken() {}

  /// Refuses what is longer than any token of ours, before work is done for each of its characters.
  static void checkLength(String token) throws InvalidShapeTokenException {
    if (token.length() > MAX_CHARACTERS) {
      throw new InvalidShapeTokenException("too long");
    }
  }

  /// Refuses what is no token of ours; the `kid` of what may be one.
  static String check(String token) throws InvalidShapeTokenException {
    checkLength(token);
    if (!FORM.matcher(token).matches()) {
      throw new InvalidShapeTokenException("not three parts of base64url");
    }
    String[] parts = token.split("\\.", -1);
    ObjectNode header = json(decode(parts[0]));
    if (!json(decode(parts[1])).path("exp").isIntegralNumber()) {
      // A text that looks like a number would be read as one.
      throw new InvalidShapeTokenException("no exp");
    }
    decode(parts[2]);
    for (String name : header.propertyNames()) {
      if (!HEADERS.contains(name)) {
        throw new InvalidShapeTokenException("header " + name);
      }
    }
    if (!"HS256".equals(text(header, "alg"))) {
      throw new InvalidShapeTokenException("another algorithm");
    }
    if (header.has("typ") && !"JWT".equals(text(header, "typ"))) {
      throw new InvalidShapeTokenException("another type");
    }
    return text(header, "kid");
  }

  /// Base64url is not unique: the last character has bits that nobody reads. One token, one text.
  private static byte[] decode(String part) throws InvalidShapeTokenException {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException notBase64) {
      throw new InvalidShapeTokenException("not base64url", notBase64);
    }
    if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
      throw new InvalidShapeTokenException("not canonical base64url");
    }
    return bytes;
  }

  private static ObjectNode json(byte[] bytes) throws InvalidShapeTokenException {
    try {
      return StrictJson.object(bytes);
    } catch (IllegalArgumentException notStrict) {
      throw new InvalidShapeTokenException("not strict JSON", notStrict);
    }
  }

  private static String text(ObjectNode header, String name) throws InvalidShapeTokenException {
    JsonNode value = header.get(name);
    if (value == null || !value.isString()) {
      throw new InvalidShapeTokenException("no " + name);
    }
    return value.stringValue();
  }
}
