package dev.penstock.gateway;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// Shape Tokens that nobody gave: each of them claims the victim's shape or is somebody's for
/// another use.
final class TokenAttacks {
  static final String HS = "{\"alg\":\"HS256\",\"kid\":\"k1\"}";

  private final AttackWorld world;
  private final Random random;

  TokenAttacks(AttackWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  /// On `/shape`. All of them come in turn, first one for each check of a token, so that a check
  /// that is gone shows in a short run too.
  Attack one(int nth) {
    String target =
        pick(
            "/shape?offset=-1",
            "/shape?offset=0_0&handle=1-2&live=true&cursor=" + random.nextInt(9999),
            "/shape?offset=-1&subset__limit=5&subset__order_by=id",
            "/shape?offset=-1&table=messages");
    return new Attack(
        "shape tokens",
        pick("GET ", "GET ", "HEAD ")
            + target
            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
            + InTurn.of(
                nth,
                List.of(keys(), headers(), spoilt(), others(), List.of(this::parts, this::scheme)))
            + "\r\n\r\n",
        Attack.NOTHING,
        0);
  }

  static String victims(AttackWorld world) {
    return Forge.shapeClaims(
        TwoTenants.BOB,
        "messages",
        TestGateway.JSON.writeValueAsString(AttackWorld.COLUMNS),
        "conversation_id = $1",
        world.victims());
  }

  /// Not signed, or by a key that is not the gateway's or not the one that the header names.
  private List<Supplier<String>> keys() {
    Forge.Signer right = Forge.hmac(Forge.SHAPE_SECRET);
    String claims = victims(world);
    List<Supplier<String>> all = new ArrayList<>();
    all.add(() -> bearer(HS, claims, Forge.hmac(Forge.OLD_SECRET)));
    all.add(() -> bearer("{\"alg\":\"none\",\"kid\":\"k1\"}", claims, Forge.nothing()));
    all.add(() -> bearer(HS, claims, Forge.hmac("secret")));
    all.add(() ->
        bearer(
            "{\"alg\":\"HS512\",\"kid\":\"k1\"}",
            claims,
            Forge.hmac("512", Forge.SHAPE_SECRET.getBytes(StandardCharsets.UTF_8))));
    all.add(() ->
        bearer(
            "{\"alg\":\"RS256\",\"kid\":\"k1\"}",
            claims,
            Forge.rsa(random.nextBoolean() ? Forge.PROVIDER : Forge.ATTACKER)));
    all.add(() -> bearer(HS, claims, Forge.hmac("256", Forge.PROVIDER.getPublic().getEncoded())));
    for (String secret :
        List.of("k1", "", TestGateway.UPSTREAM_SECRET, Forge.pem(), "\0".repeat(32))) {
      all.add(() -> bearer(HS, claims, Forge.hmac(secret)));
    }
    for (String algorithm : List.of("None", "NONE", "nOnE", "", "HS0")) {
      all.add(() ->
          bearer(
              "{\"alg\":\"%s\",\"kid\":\"k1\"}".formatted(algorithm),
              claims,
              random.nextBoolean() ? Forge.nothing() : right));
    }
    for (String kid : List.of("old", "k1")) {
      all.add(() ->
          bearer(
              "{\"alg\":\"HS256\",\"kid\":\"%s\"}".formatted(kid),
              claims,
              Forge.hmac(random.nextBoolean() ? Forge.SHAPE_SECRET + "x" : "")));
    }
    return all;
  }

  /// Signed as a right one, but with a header that names no known key, another one, or where to get
  /// one.
  private List<Supplier<String>> headers() {
    String jwk = "{\"kty\":\"oct\",\"k\":\"%s\"}".formatted(Forge.part(Forge.SHAPE_SECRET));
    List<String> headers = new ArrayList<>();
    for (String kid :
        List.of("k3", "k2", "K1", "k1 ", "", "../k1", "k1\\u0000", "k1' or '1'='1", "/dev/null")) {
      headers.add("{\"alg\":\"HS256\",\"kid\":\"%s\"}".formatted(kid));
      if (kid.equals("k2")) {
        headers.add("{\"alg\":\"HS256\"}");
        headers.add("{\"alg\":\"HS256\",\"jwk\":%s}".formatted(jwk));
      }
    }
    headers.addAll(
        List.of(
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"jwk\":%s}".formatted(jwk),
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"jku\":\"http://127.0.0.1:1/keys\"}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"x5u\":\"http://127.0.0.1:1/cert\"}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"x5c\":[\"%s\"]}".formatted(Forge.part("cert")),
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"crit\":[\"exp\"]}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"b64\":false,\"crit\":[\"b64\"]}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"zip\":\"DEF\"}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"cty\":\"JWT\"}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\",\"kid\":\"k2\"}",
            "{\"alg\":\"none\",\"alg\":\"HS256\",\"kid\":\"k1\"}",
            "{\"alg\":\"HS256\",\"\\u0061lg\":\"HS256\",\"kid\":\"k1\"}",
            "{\"alg\":\"HS256\",\"kid\":null}",
            "{\"alg\":\"HS256\",\"kid\":[\"k1\"]}",
            "{\"alg\":\"HS256\",\"kid\":1}",
            "{\"alg\":[\"HS256\"],\"kid\":\"k1\"}",
            "{\"alg\":\"hs256\",\"kid\":\"k1\"}",
            "[]",
            "{}",
            "\u00ef\u00bb\u00bf{\"alg\":\"HS256\",\"kid\":\"k1\"}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\"}{}"));
    return headers.stream()
        .<Supplier<String>>map(
            header -> () -> bearer(header, victims(world), Forge.hmac(Forge.SHAPE_SECRET)))
        .toList();
  }

  /// Another kind of token, another form, or one that was taken back.
  private List<Supplier<String>> others() {
    Forge.Signer right = Forge.hmac(Forge.SHAPE_SECRET);
    String own = world.messages();
    String[] parts = own.split("\\.", -1);
    return List.of(
        () -> "Bearer " + world.revokedMessages(),
        () -> "Bearer " + Forge.authToken(TwoTenants.BOB),
        () -> "Bearer " + world.login(),
        () ->
            bearer(
                "{\"alg\":\"RS256\",\"kid\":\"k1\"}",
                Forge.authClaims("bob"),
                Forge.rsa(Forge.PROVIDER)),
        () ->
            "Bearer {\"payload\":\"%s\",\"protected\":\"%s\",\"signature\":\"%s\"}"
                .formatted(parts[1], parts[0], parts[2]),
        () ->
            "Bearer %s..%s.%s.x"
                .formatted(
                    Forge.part("{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"kid\":\"k1\"}"),
                    parts[1],
                    parts[1]),
        () -> "Bearer " + pick("null", "undefined", "x".repeat(9_000)),
        () ->
            bearer(
                HS,
                victims(world)
                    .replaceFirst(
                        "\\{", "{\"pad\":\"" + "x".repeat(7_000 + random.nextInt(8_000)) + "\","),
                right));
  }

  /// Parts of right ones, and right ones in another spelling.
  private String parts() {
    String own = world.messages();
    String[] parts = own.split("\\.", -1);
    String claims = victims(world);
    return "Bearer "
        + pick(
            parts[0] + "." + Forge.part(claims) + "." + parts[2],
            parts[0] + "." + parts[1] + "." + flipped(parts[2], random),
            own + "=",
            own + ".x",
            own + "." + parts[2],
            "." + own,
            parts[0] + "." + parts[1],
            parts[0] + "." + parts[1] + ".",
            own.substring(0, own.length() - 2),
            parts[0] + "=." + parts[1] + "." + parts[2],
            own.replace('.', ','),
            own + "%00",
            notCanonical(own),
            own + "," + Forge.token(HS, claims, Forge.nothing()),
            "\"" + own + "\"",
            parts[0] + "." + Forge.part(claims) + parts[1] + "." + parts[2]);
  }

  private String scheme() {
    return pick("Bearer  ", "Bearer\t\t", "", "Token ", "Basic ") + world.messages();
  }

  private String bearer(String header, String claims, Forge.Signer signer) {
    return pick("Bearer ", "Bearer ", "bearer ", "BEARER ") + Forge.token(header, claims, signer);
  }

  /// The right key for another purpose, time or reader.
  private List<Supplier<String>> spoilt() {
    String claims = victims(world);
    List<String> ways = new ArrayList<>();
    ways.add(claims.replace("\"iss\":\"penstock-gateway\"", "\"iss\":\"penstock\""));
    ways.add(claims.replace("\"aud\":\"penstock-shape\"", "\"aud\":\"penstock-app\""));
    ways.add(
        claims.replaceFirst("\"exp\":\\d+", "\"exp\":" + (System.currentTimeMillis() / 1000 - 1)));
    ways.add(claims.replaceFirst("\"exp\":\\d+,", ""));
    ways.add(claims.replaceFirst("\\{", "{\"nbf\":9999999999,"));
    for (String audience :
        List.of(
            "\"PENSTOCK-SHAPE\"",
            "[\"penstock-shape\",\"other\"]",
            "[\"other\"]",
            "[]",
            "null",
            "7",
            "\"penstock-shape \"",
            "{\"penstock-shape\":1}")) {
      ways.add(claims.replace("\"aud\":\"penstock-shape\"", "\"aud\":" + audience));
    }
    for (String issuer :
        List.of(
            "\"Penstock-Gateway\"", "null", "[\"penstock-gateway\"]", "\"" + Forge.ISSUER + "\"")) {
      ways.add(claims.replace("\"iss\":\"penstock-gateway\"", "\"iss\":" + issuer));
    }
    for (String end :
        List.of(
            "1",
            "0",
            "-1",
            "null",
            "\"never\"",
            "\"9999999999999\"",
            "true",
            "1.5",
            "[9999999999]",
            "{}")) {
      ways.add(claims.replaceFirst("\"exp\":\\d+", "\"exp\":" + end));
    }
    ways.add(claims.replaceFirst("\\{", "{\"aud\":\"other\","));
    ways.add(claims.replaceFirst("\\{", "{\"exp\":1,"));
    ways.add(claims.replaceFirst("\\{", "{\"t\\\\u0061ble\":\"conversations\","));
    ways.add(claims.replaceFirst("}$", ",\"where\":\"true\"}"));
    ways.add(claims.replaceFirst("}$", ",\"params\":{\"1\":\"x\"}}"));
    ways.add(claims + claims);
    ways.add("[" + claims + "]");
    ways.add(claims.substring(0, claims.length() - 1));
    for (String claim :
        List.of(
            "table", "columns", "queryable_columns", "where", "params", "replica", "sub", "jti")) {
      ways.add(claims.replace("\"" + claim + "\":", "\"x-" + claim + "\":"));
    }
    ways.add(claims.replaceFirst("\"columns\":\\[[^]]*]", "\"columns\":\"*\""));
    ways.add(claims.replaceFirst("\"columns\":\\[[^]]*]", "\"columns\":[]"));
    ways.add(claims.replace("\"replica\":\"default\"", "\"replica\":\"all\""));
    ways.add(claims.replace("\"where\":\"conversation_id = $1\"", "\"where\":{\"x\":1}"));
    ways.add(claims.replaceFirst("\"params\":\\{\"1\"", "\"params\":{\"2\""));
    return ways.stream()
        .<Supplier<String>>map(way -> () -> bearer(HS, way, Forge.hmac(Forge.SHAPE_SECRET)))
        .toList();
  }

  static String flipped(String signature, Random random) {
    int at = random.nextInt(signature.length() - 1);
    char other = signature.charAt(at) == 'A' ? 'B' : 'A';
    return signature.substring(0, at) + other + signature.substring(at + 1);
  }

  /// Other characters for the same bytes: the last one of a HS256 signature has two spare bits.
  private static String notCanonical(String token) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = alphabet.indexOf(token.charAt(token.length() - 1));
    return token.substring(0, token.length() - 1) + alphabet.charAt(last ^ 1);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
