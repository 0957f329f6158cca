package dev.penstock.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;

/// Auth Tokens that no provider gave, or gave for somebody else.
final class AuthTokenAttacks {
  private static final String RS = "{\"alg\":\"RS256\"}";

  private final AttackWorld world;
  private final Random random;

  AuthTokenAttacks(AttackWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  /// For another token, or a command.
  Attack one() {
    String token = authToken();
    String body =
        "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}"
            .formatted(world.victims());
    String path =
        pick(
            "/shapes/auth-token",
            "/shapes/auth-token",
            "/conversations",
            "/questions/send",
            "/revocations");
    return new Attack(
        "auth tokens",
        "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, token, body.length(), body),
        Attack.NOTHING,
        0);
  }

  private String authToken() {
    Forge.Signer right = Forge.rsa(Forge.PROVIDER);
    String claims = Forge.authClaims(TwoTenants.BOB);
    String own = world.login();
    String[] parts = own.split("\\.", -1);
    String attackers =
        Forge.part(
            new String(Forge.ATTACKER.getPublic().getEncoded(), StandardCharsets.ISO_8859_1));
    return switch (random.nextInt(8)) {
      case 0 ->
          Forge.token(
              "{\"alg\":\"%s\"}".formatted(pick("none", "None", "NONE")), claims, Forge.nothing());
      // The public key as an HMAC secret, in each of its forms.
      case 1 ->
          Forge.token(
              "{\"alg\":\"%s\"}".formatted(pick("HS256", "HS256", "RS256")),
              claims,
              Forge.hmac(
                  "256",
                  random.nextBoolean()
                      ? Forge.PROVIDER.getPublic().getEncoded()
                      : Forge.pem().getBytes(StandardCharsets.UTF_8)));
      case 2 ->
          Forge.token(
              pick(
                  RS,
                  "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}}"
                      .formatted(attackers),
                  "{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/keys\"}",
                  "{\"alg\":\"RS256\",\"x5c\":[\"%s\"]}".formatted(attackers),
                  "{\"alg\":\"RS256\",\"kid\":\"../../dev/null\"}"),
              claims,
              Forge.rsa(Forge.ATTACKER));
      case 3 ->
          Forge.token(
              "{\"alg\":\"%s\"}".formatted(pick("RS384", "PS256", "ES256", "RS512", "rs256")),
              claims,
              right);
      case 4, 5 ->
          Forge.token(
              RS,
              pick(
                  claims.replace(Forge.ISSUER, "https://login.example.org.evil.example"),
                  claims.replace(Forge.ISSUER, Forge.ISSUER + "/"),
                  claims.replaceFirst("\"iss\":\"[^\"]*\",", ""),
                  claims.replace("\"aud\":\"penstock-app\"", "\"aud\":\"other-app\""),
                  claims.replace("\"aud\":\"penstock-app\"", "\"aud\":[\"other\"]"),
                  claims.replace("\"aud\":\"penstock-app\",", ""),
                  claims.replaceFirst("\"exp\":\\d+", "\"exp\":1700000000"),
                  claims.replaceFirst("\"exp\":\\d+,", ""),
                  claims.replaceFirst("\"exp\":\\d+", "\"exp\":99999999999"),
                  claims.replaceFirst("\\{", "{\"nbf\":9999999999,"),
                  claims.replaceFirst("\"sub\":\"bob\"", "\"sub\":\"\""),
                  claims.replaceFirst("\"sub\":\"bob\"", "\"sub\":\"bob\\\\u0000\""),
                  claims.replaceFirst("\"sub\":\"bob\"", "\"sub\":null"),
                  claims.replaceFirst("\"sub\":\"bob\",", "")),
              right);
      case 6 ->
          pick(
              parts[0] + "." + Forge.part(claims) + "." + parts[2],
              parts[0] + "." + parts[1] + "." + TokenAttacks.flipped(parts[2], random),
              parts[0] + "." + parts[1] + ".",
              own.substring(0, own.length() - 3),
              Base64.getEncoder().encodeToString("bob:bob".getBytes(StandardCharsets.UTF_8)),
              "");
      default ->
          pick(
              world.messages(),
              world.conversations(),
              Forge.shapeToken(TokenAttacks.victims(world)),
              Forge.token(TokenAttacks.HS, claims, Forge.hmac(Forge.SHAPE_SECRET)));
    };
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
