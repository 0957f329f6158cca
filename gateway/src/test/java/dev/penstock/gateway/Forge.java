package dev.penstock.gateway;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Makes tokens byte by byte, right ones and wrong ones.
final class Forge {
  static final String ISSUER = "https://login.example.org";
  static final String AUDIENCE = "penstock-app";
  static final String SHAPE_SECRET =
      "a-shape-secret-of-more-than-32-bytes-for-HS512-and-so-on-and-on!!";
  static final String OLD_SECRET =
      "an-old-secret-of-more-than-32-bytes-for-HS512-and-so-on-and-on!!!";
  static final KeyPair PROVIDER = pair();
  static final KeyPair ATTACKER = pair();

  /// Signs `header.payload`.
  interface Signer {
    byte[] sign(byte[] input) throws GeneralSecurityException;
  }

  private Forge() {}

  static String pem() {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(PROVIDER.getPublic().getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  static String token(String header, String claims, Signer signer) {
    String input = part(header) + "." + part(claims);
    try {
      byte[] signature = signer.sign(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    }
  }

  static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  static Signer hmac(String bits, byte[] secret) {
    return input -> {
      Mac mac = Mac.getInstance("HmacSHA" + bits);
      mac.init(new SecretKeySpec(secret.length == 0 ? new byte[1] : secret, "HmacSHA" + bits));
      return mac.doFinal(input);
    };
  }

  static Signer hmac(String secret) {
    return hmac("256", secret.getBytes(StandardCharsets.UTF_8));
  }

  static Signer rsa(KeyPair pair) {
    return input -> {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update(input);
      return signature.sign();
    };
  }

  static Signer nothing() {
    return _ -> new byte[0];
  }

  static String authClaims(String subject) {
    return authClaims(subject, "login-of-" + subject);
  }

  static String authClaims(String subject, String id) {
    long now = Instant.now().getEpochSecond();
    return "{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"%s\",\"iat\":%d,\"exp\":%d,\"jti\":\"%s\"}"
        .formatted(ISSUER, AUDIENCE, subject, now - 5, now + 3000, id);
  }

  /// A right one.
  static String authToken(String subject) {
    return token("{\"alg\":\"RS256\"}", authClaims(subject), rsa(PROVIDER));
  }

  /// @param columns as a JSON list
  static String shapeClaims(
      String subject, String table, String columns, String where, String param) {
    long now = Instant.now().getEpochSecond();
    return ("{\"iss\":\"penstock-gateway\",\"sub\":\"%s\",\"aud\":\"penstock-shape\",\"iat\":%d,\"exp\":%d,"
            + "\"jti\":\"shape-of-%s\",\"table\":\"%s\",\"columns\":%s,\"queryable_columns\":%s,"
            + "\"where\":\"%s\",\"params\":{\"1\":\"%s\"},\"replica\":\"default\",\"auth_iat\":%d}")
        .formatted(
            subject, now - 5, now + 3000, subject, table, columns, columns, where, param, now - 5);
  }

  static String shapeToken(String claims) {
    return token("{\"alg\":\"HS256\",\"kid\":\"k1\"}", claims, hmac(SHAPE_SECRET));
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    }
  }
}
