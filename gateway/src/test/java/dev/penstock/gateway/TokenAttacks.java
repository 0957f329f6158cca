package dev.penstock.gateway;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

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

  /// On `/shape`.
  Attack one() {
    String target =
        pick(
            "/shape?offset=-1",
            "/shape?offset=0_0&handle=1-2&live=true&cursor=" + random.nextInt(9999),
            "/shape?offset=-1&subset__limit=5&subset__order_by=id",
            "/shape?offset=-1&table=messages");
    String scheme =
        pick("Bearer ", "Bearer ", "bearer ", "BEARER ", "Bearer  ", "Bearer\t", "", "Token ");
    return new Attack(
        "shape tokens",
        pick("GET ", "GET ", "HEAD ")
            + target
            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
            + scheme
            + shapeToken()
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

  private String shapeToken() {
    Forge.Signer right = Forge.hmac(Forge.SHAPE_SECRET);
    String claims = victims(world);
    String own = world.messages();
    String[] parts = own.split("\\.", -1);
    return switch (random.nextInt(12)) {
      // Not signed, or by a key that is not the gateway's.
      case 0 ->
          Forge.token(
              "{\"alg\":\"%s\",\"kid\":\"k1\"}"
                  .formatted(pick("none", "None", "NONE", "nOnE", "", "HS0")),
              claims,
              random.nextBoolean() ? Forge.nothing() : right);
      case 1 ->
          Forge.token(
              HS,
              claims,
              Forge.hmac(
                  pick(
                      "secret",
                      "k1",
                      "",
                      TestGateway.UPSTREAM_SECRET,
                      Forge.pem(),
                      "\0".repeat(32))));
      case 2 -> Forge.token(HS, claims, Forge.hmac("256", Forge.PROVIDER.getPublic().getEncoded()));
      // The right secret for another algorithm, or another key's.
      case 3 ->
          Forge.token(
              "{\"alg\":\"HS512\",\"kid\":\"k1\"}",
              claims,
              Forge.hmac("512", Forge.SHAPE_SECRET.getBytes(StandardCharsets.UTF_8)));
      case 4 ->
          Forge.token(
              "{\"alg\":\"RS256\",\"kid\":\"k1\"}",
              claims,
              Forge.rsa(random.nextBoolean() ? Forge.PROVIDER : Forge.ATTACKER));
      case 5 ->
          Forge.token(
              "{\"alg\":\"HS256\",\"kid\":\"%s\"}".formatted(random.nextBoolean() ? "old" : "k1"),
              claims,
              Forge.hmac(random.nextBoolean() ? Forge.SHAPE_SECRET + "x" : ""));
      // The right key, but a header that chooses keys, or names none that is known.
      case 6 -> Forge.token(header(), claims, right);
      // The right key for another purpose, time or reader.
      case 7, 8 -> Forge.token(HS, spoilt(claims), right);
      // Parts of right ones, and right ones in another spelling.
      case 9 ->
          pick(
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
      // Another kind of token, or another form.
      case 10 ->
          pick(
              Forge.authToken(TwoTenants.BOB),
              world.login(),
              Forge.token(
                  "{\"alg\":\"RS256\",\"kid\":\"k1\"}",
                  Forge.authClaims("bob"),
                  Forge.rsa(Forge.PROVIDER)),
              "{\"payload\":\"%s\",\"protected\":\"%s\",\"signature\":\"%s\"}"
                  .formatted(parts[1], parts[0], parts[2]),
              Forge.part("{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"kid\":\"k1\"}")
                  + ".."
                  + parts[1]
                  + "."
                  + parts[1]
                  + ".x",
              "null",
              "undefined",
              "x".repeat(9_000));
      default ->
          Forge.token(
              HS,
              claims.replaceFirst(
                  "\\{", "{\"pad\":\"" + "x".repeat(7_000 + random.nextInt(8_000)) + "\","),
              right);
    };
  }

  private String header() {
    String jwk = "{\"kty\":\"oct\",\"k\":\"%s\"}".formatted(Forge.part(Forge.SHAPE_SECRET));
    return pick(
        "{\"alg\":\"HS256\",\"kid\":\"k1\",\"jwk\":%s}".formatted(jwk),
        "{\"alg\":\"HS256\",\"jwk\":%s}".formatted(jwk),
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
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"kid\":null}",
        "{\"alg\":\"HS256\",\"kid\":[\"k1\"]}",
        "{\"alg\":\"HS256\",\"kid\":1}",
        "{\"alg\":[\"HS256\"],\"kid\":\"k1\"}",
        "{\"alg\":\"hs256\",\"kid\":\"k1\"}",
        "{\"alg\":\"HS256\",\"kid\":\"%s\"}"
            .formatted(
                pick(
                    "K1",
                    "k1 ",
                    "",
                    "k3",
                    "../k1",
                    "k1\\u0000",
                    "k1' or '1'='1",
                    "/dev/null",
                    "k2")),
        "[]",
        "{}",
        "\u00ef\u00bb\u00bf{\"alg\":\"HS256\",\"kid\":\"k1\"}",
        "{\"alg\":\"HS256\",\"kid\":\"k1\"}{}");
  }

  private String spoilt(String claims) {
    List<String> ways = new ArrayList<>();
    for (String audience :
        List.of(
            "\"penstock-app\"",
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
            "\"penstock\"",
            "\"Penstock-Gateway\"",
            "null",
            "[\"penstock-gateway\"]",
            "\"" + Forge.ISSUER + "\"")) {
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
    ways.add(claims.replaceFirst("\"exp\":\\d+,", ""));
    ways.add(
        claims.replaceFirst("\"exp\":\\d+", "\"exp\":" + (System.currentTimeMillis() / 1000 - 1)));
    ways.add(claims.replaceFirst("\\{", "{\"nbf\":9999999999,"));
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
    return ways.get(random.nextInt(ways.size()));
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
