package dev.penstock.gateway.shape;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/// Keys of Shape Tokens, HS256 all: the first signs, all verify, so that a key can be exchanged
/// without one false reject (add the new one behind, then move it to the front, then drop the old).
public final class SigningKeys {
  private static final Pattern KID = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private final Map<String, SecretKey> byId;
  private final String signingId;
  private final SecretKey signingKey;

  /// @param keys each `kid:secret`, the secret of at least 32 bytes
  /// @throws IllegalArgumentException with a sentence that says what is wrong, without the secret
  public SigningKeys(List<String> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException(
          "penstock.gateway.shape-token-keys must have a key to sign with, as kid:secret");
    }
    Map<String, SecretKey> byId = new LinkedHashMap<>();
    for (String key : keys) {
      int colon = key.indexOf(':');
      if (colon < 0 || !KID.matcher(key.substring(0, colon)).matches()) {
        throw new IllegalArgumentException(
            "penstock.gateway.shape-token-keys: each key is kid:secret, the kid of letters, digits,"
                + " '_', '.' and '-'");
      }
      String id = key.substring(0, colon);
      byte[] secret = key.substring(colon + 1).getBytes(StandardCharsets.UTF_8);
      if (secret.length < 32) {
        throw new IllegalArgumentException(
            "penstock.gateway.shape-token-keys: the secret of \"%s\" has %d bytes, HS256 needs 32"
                .formatted(id, secret.length));
      }
      if (byId.put(id, new SecretKeySpec(secret, "HmacSHA256")) != null) {
        throw new IllegalArgumentException(
            "penstock.gateway.shape-token-keys has the kid \"%s\" twice".formatted(id));
      }
    }
    this.byId = Map.copyOf(byId);
    Map.Entry<String, SecretKey> first = byId.entrySet().iterator().next();
    this.signingId = first.getKey();
    this.signingKey = first.getValue();
  }

  String signingId() {
    return signingId;
  }

  SecretKey signingKey() {
    return signingKey;
  }

  Optional<SecretKey> of(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /// Whether one of the keys is this secret.
  public boolean contain(byte[] secret) {
    return byId.containsValue(new SecretKeySpec(secret, "HmacSHA256"));
  }
}
