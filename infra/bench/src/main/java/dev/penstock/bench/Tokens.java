package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.UUID;

/// Auth Tokens as a login would give them, and the Shape Tokens that a gateway gives for them.
final class Tokens {
  private static final Duration LIFE = Duration.ofHours(6);

  private Tokens() {}

  static String auth(String user) {
    Instant now = Instant.now();
    return Jwts.builder()
        .subject(user)
        .id(UUID.randomUUID().toString())
        .issuedAt(Date.from(now))
        .expiration(Date.from(now.plus(LIFE)))
        .signWith(Keys.hmacShaKeyFor(Rig.AUTH_SECRET.getBytes(UTF_8)), Jwts.SIG.HS256)
        .compact();
  }

  /// Of a conversation's messages. A gateway gives none before it has read the revocations.
  static String shape(Service gateway, String user, UUID conversation) throws Exception {
    String[] token = new String[1];
    Waiting.until(
        "a Shape Token",
        () -> {
          try {
            token[0] =
                Http.post(
                        gateway.url() + "/shapes/auth-token",
                        auth(user),
                        Map.of(
                            "table",
                            "messages",
                            "params",
                            Map.of("conversationId", conversation.toString())))
                    .get("token")
                    .asString();
            return true;
          } catch (IOException e) {
            return false;
          }
        });
    return token[0];
  }
}
