package dev.penstock.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/// A right Auth Token, and a wish for the Shape Token of what is another's. A token that is given
/// for it is used at once: see [AttackSuite].
final class WishAttacks {
  private final AttackWorld world;
  private final Random random;

  WishAttacks(AttackWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  /// Each second one is in the right form, so that nothing but the permission stands in its way.
  Attack wish(int nth) {
    String victim = world.victims();
    if (nth % 2 == 0) {
      return wish(
          "/shapes/auth-token",
          "",
          "application/json",
          "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}"
              .formatted(random.nextBoolean() ? victim : victim.toUpperCase(Locale.ROOT)));
    }
    String own = world.own();
    String conversation =
        pick(
            "\"%s\"".formatted(victim),
            "\"%s\"".formatted(victim.toUpperCase(Locale.ROOT)),
            "\"{%s}\"".formatted(victim),
            "\"%s \"".formatted(victim),
            "\"%s\\u0000\"".formatted(victim),
            "\"%s' or '1'='1\"".formatted(own),
            "\"%s\"".formatted(victim.replace("-", "")),
            "[\"%s\",\"%s\"]".formatted(own, victim),
            "{\"$ne\":\"%s\"}".formatted(own),
            "null",
            "\"%%\"",
            "\"*\"",
            "true");
    String pair = "\"conversationId\":" + conversation;
    String right = "\"conversationId\":\"%s\"".formatted(own);
    String params =
        switch (random.nextInt(6)) {
          case 0 -> "{%s,%s}".formatted(right, pair);
          case 1 -> "{%s,%s}".formatted(pair, right);
          case 2 ->
              "{%s,%s}"
                  .formatted(
                      right,
                      pick(
                          "\"owner\":\"bob\"",
                          "\"where\":\"true\"",
                          "\"columns\":[\"*\"]",
                          "\"sub\":\"bob\"",
                          "\"ConversationId\":" + conversation));
          case 3 -> "{%s,\"conversation\\u0049d\":%s}".formatted(right, conversation);
          default -> "{%s}".formatted(pair);
        };
    String table =
        pick(
            "messages",
            "messages",
            "messages",
            "Messages",
            "public.messages",
            "messages ",
            "\\u006dessages",
            "commands",
            "dead_letters",
            "conversations",
            "messages\\u0000",
            "ｍessages",
            "messages;table commands",
            "messages, commands",
            "pg_authid",
            "../messages",
            "");
    String body =
        switch (random.nextInt(6)) {
          case 0 ->
              "{\"table\":\"%s\",\"params\":%s,%s}"
                  .formatted(
                      table,
                      params,
                      pick(
                          "\"where\":\"true\"",
                          "\"columns\":[\"*\"]",
                          "\"sub\":\"bob\"",
                          "\"owner\":\"bob\"",
                          "\"replica\":\"full\"",
                          "\"params\":{}"));
          case 1 ->
              "{\"table\":\"conversations\",\"params\":%s}"
                  .formatted(
                      pick(
                          "{\"owner\":\"bob\"}",
                          "{\"sub\":\"bob\"}",
                          "[]",
                          "\"bob\"",
                          "{\"1\":\"bob\"}",
                          "{}"));
          case 2 ->
              "{\"table\":\"conversations\",\"table\":\"%s\",\"params\":%s}"
                  .formatted(table, params);
          default -> "{\"table\":\"%s\",\"params\":%s}".formatted(table, params);
        };
    return wish(
        pick(
            "/shapes/auth-token",
            "/shapes/auth-token",
            "/shapes/auth-token",
            "/shapes/auth-token?table=messages&conversationId=" + victim,
            "/shapes/auth-token?sub=bob"),
        pick("", "", "X-Forwarded-User: bob\r\n", "Cookie: sub=bob\r\n"),
        pick(
            "application/json",
            "application/json",
            "text/plain",
            "application/x-www-form-urlencoded"),
        body);
  }

  private Attack wish(String path, String header, String type, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Attack(
        "wishes",
        "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(
                path,
                world.login(),
                header,
                type,
                bytes.length,
                new String(bytes, StandardCharsets.ISO_8859_1)),
        world.hers(),
        1);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
