package dev.penstock.gateway;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// Auth Tokens that no provider gave, or gave for somebody else.
final class AuthTokenAttacks {
  private static final String RS = "{\"alg\":\"RS256\"}";

  private final AttackWorld world;
  private final Random random;

  AuthTokenAttacks(AttackWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  /// For another token, or a command. They come in turn, first one for each check of a token.
  Attack one(int nth) {
    String token = InTurn.of(nth, List.of(claims(), keys(), others()));
    String path =
        pick(
            "/shapes/auth-token",
            "/shapes/auth-token",
            "/conversations",
            "/questions/send",
            "/revocations");
    String body =
        path.equals("/revocations")
            ? "{\"user\":\"bob\"}"
            : "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}"
                .formatted(world.victims());
    return new Attack(
        "auth tokens",
        "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, token, body.length(), body),
        Attack.NOTHING,
        0);
  }

  /// The provider's key, for another reader, time or nobody.
  private List<Supplier<String>> claims() {
    String claims = Forge.authClaims(TwoTenants.BOB);
    List<String> all =
        List.of(
            claims.replace(Forge.ISSUER, "https://login.example.org.evil.example"),
            claims.replace("\"aud\":\"penstock-app\"", "\"aud\":\"other-app\""),
            claims.replaceFirst("\"exp\":\\d+", "\"exp\":1700000000"),
            claims.replaceFirst("\"exp\":\\d+,", ""),
            claims.replaceFirst("\\{", "{\"nbf\":9999999999,"),
            claims.replaceFirst("\"sub\":\"bob\",", ""),
            claims.replaceFirst("\"iss\":\"[^\"]*\",", ""),
            claims.replace(Forge.ISSUER, Forge.ISSUER + "/"),
            claims.replace("\"aud\":\"penstock-app\"", "\"aud\":[\"other\"]"),
            claims.replace("\"aud\":\"penstock-app\",", ""),
            claims.replaceFirst("\"exp\":\\d+", "\"exp\":99999999999"),
            claims.replaceFirst("\"sub\":\"bob\"", "\"sub\":\"\""),
            claims.replaceFirst("\"sub\":\"bob\"", "\"sub\":\"bob\\\\u0000\""),
            claims.replaceFirst("\"sub\":\"bob\"", "\"sub\":null"));
    return all.stream()
        .<Supplier<String>>map(one -> () -> Forge.token(RS, one, Forge.rsa(Forge.PROVIDER)))
        .toList();
  }

  /// No key of the provider's, or in another use.
  private List<Supplier<String>> keys() {
    String claims = Forge.authClaims(TwoTenants.BOB);
    byte[] key = Forge.PROVIDER.getPublic().getEncoded();
    String attackers =
        Forge.part(
            new String(Forge.ATTACKER.getPublic().getEncoded(), StandardCharsets.ISO_8859_1));
    List<Supplier<String>> all = new ArrayList<>();
    all.add(() -> Forge.token(RS, claims, Forge.rsa(Forge.ATTACKER)));
    all.add(() -> Forge.token("{\"alg\":\"none\"}", claims, Forge.nothing()));
    // The public key as an HMAC secret, in each of its forms.
    all.add(() -> Forge.token("{\"alg\":\"HS256\"}", claims, Forge.hmac("256", key)));
    all.add(() ->
        Forge.token(
            "{\"alg\":\"HS256\"}",
            claims,
            Forge.hmac("256", Forge.pem().getBytes(StandardCharsets.UTF_8))));
    all.add(() -> Forge.token(RS, claims, Forge.hmac("256", key)));
    for (String algorithm : List.of("RS384", "PS256", "ES256", "RS512", "rs256")) {
      all.add(() ->
          Forge.token("{\"alg\":\"%s\"}".formatted(algorithm), claims, Forge.rsa(Forge.PROVIDER)));
    }
    for (String algorithm : List.of("None", "NONE")) {
      all.add(() -> Forge.token("{\"alg\":\"%s\"}".formatted(algorithm), claims, Forge.nothing()));
    }
    for (String header :
        List.of(
            "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}}"
                .formatted(attackers),
            "{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/keys\"}",
            "{\"alg\":\"RS256\",\"x5c\":[\"%s\"]}".formatted(attackers),
            "{\"alg\":\"RS256\",\"kid\":\"../../dev/null\"}")) {
      all.add(() -> Forge.token(header, claims, Forge.rsa(Forge.ATTACKER)));
    }
    return all;
  }

  /// Another kind of token, one that was taken back, or parts of a right one.
  private List<Supplier<String>> others() {
    String claims = Forge.authClaims(TwoTenants.BOB);
    String own = world.login();
    String[] parts = own.split("\\.", -1);
    return List.of(
        world::revokedLogin,
        () -> Forge.shapeToken(TokenAttacks.victims(world)),
        world::messages,
        world::conversations,
        () -> Forge.token(TokenAttacks.HS, claims, Forge.hmac(Forge.SHAPE_SECRET)),
        () -> parts[0] + "." + Forge.part(claims) + "." + parts[2],
        () -> parts[0] + "." + parts[1] + "." + TokenAttacks.flipped(parts[2], random),
        () -> parts[0] + "." + parts[1] + ".",
        () -> own.substring(0, own.length() - 3),
        () -> Base64.getEncoder().encodeToString("bob:bob".getBytes(StandardCharsets.UTF_8)),
        () -> "");
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
