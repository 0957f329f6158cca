package dev.penstock.deployment;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Auth Tokens, as somebody's own login makes them.
final class Tokens {
  static final String SECRET = "hush-auth-0123456789abcdef0123456789abcdef";

  private Tokens() {}

  static String authToken(String user) throws GeneralSecurityException {
    long now = Instant.now().getEpochSecond();
    String unsigned =
        encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
            + "."
            + encoded(
                "{\"sub\":\"%s\",\"iat\":%d,\"exp\":%d,\"jti\":\"%s\"}"
                    .formatted(user, now, now + 3_600, user + now));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
    return unsigned + "." + base64(mac.doFinal(unsigned.getBytes(UTF_8)));
  }

  private static String encoded(String json) {
    return base64(json.getBytes(UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
