package dev.penstock.gateway;

import dev.penstock.gateway.AttackWorld.Held;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/// A right token, and parameters that would widen its shape if anybody read them: in the query, in
/// the body, and spelled in every way that some reader might understand.
final class ParameterAttacks {
  private static final int SPELLINGS = 24;
  private static final int WISHES = 7;

  private final AttackWorld world;
  private final Random random;

  ParameterAttacks(AttackWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  /// At first each name in each spelling, alone: beside another one it might be that one which is
  /// refused.
  Attack query(int nth) {
    Held held = held();
    StringBuilder query =
        new StringBuilder(
            pick("offset=-1", "offset=-1", "offset=-1&log=full", "offset=0_0&handle=1-2"));
    int more = nth < SPELLINGS * WISHES ? 0 : random.nextInt(3);
    for (int i = more; i >= 0; i--) {
      // The numbers have no common factor, so that each meets each.
      String pair =
          i == 0
              ? pair(held, nth % SPELLINGS, wish(nth % WISHES))
              : pair(held, random.nextInt(SPELLINGS), wish(random.nextInt(WISHES)));
      query.insert(
          random.nextInt(4) == 0 ? 0 : query.length(),
          random.nextInt(4) == 0 ? pair + "&" : "&" + pair);
    }
    return new Attack(
        "query",
        pick("GET", "GET", "GET", "HEAD", "POST")
            + " /shape?%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n"
                .formatted(query.toString().replace(" ", "%20"), held.token()),
        held.covered(),
        1);
  }

  /// Three of four in a form that is read.
  Attack body(int nth) {
    Held held = held();
    boolean readable = nth % 4 != 3;
    String type =
        readable
            ? "application/json"
            : pick(
                "application/json; charset=utf-16",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=b",
                "text/plain",
                "");
    String body =
        type.startsWith("multipart")
            ? "--b\r\nContent-Disposition: form-data; name=\"table\"\r\n\r\nmessages\r\n--b\r\nContent-Disposition: form-data; name=\"where\"\r\n\r\ntrue\r\n--b--\r\n"
            : type.contains("form") ? form(held) + "&" + form(held) : json(nth);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Attack(
        "body",
        (readable ? "POST" : pick("POST", "GET", "PUT", "HEAD"))
            + " /shape?offset=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
            + held.token()
            + "\r\n"
            + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\n")
            + (readable
                ? ""
                : pick("", "Content-Encoding: gzip\r\n", "X-HTTP-Method-Override: GET\r\n"))
            + "Content-Length: "
            + bytes.length
            + "\r\n\r\n"
            + new String(bytes, StandardCharsets.ISO_8859_1),
        held.covered(),
        1);
  }

  private String form(Held held) {
    return pair(held, random.nextInt(SPELLINGS), wish(random.nextInt(WISHES)));
  }

  /// A name and a value that widens.
  private String pair(Held held, int spelling, Map.Entry<String, String> wish) {
    String name = wish.getKey();
    String value = URLEncoder.encode(wish.getValue(), StandardCharsets.UTF_8);
    String right =
        name.equals("table")
            ? held.table()
            : name.startsWith("params") ? held.param() : held.where();
    return switch (spelling) {
      case 0 -> name + "=" + value;
      case 1 -> percent(name) + "=" + value;
      case 2 -> percent(name).replace("%", "%25") + "=" + value;
      case 3 -> oneOf(name) + "=" + value;
      case 4 -> mixed(name) + "=" + value;
      case 5 ->
          "%"
              + Integer.toHexString(0xC0 + name.charAt(0) / 64)
              + "%"
              + Integer.toHexString(0x80 + name.charAt(0) % 64)
              + name.substring(1)
              + "="
              + value;
      case 6 -> name + "%00=" + value;
      case 7 ->
          name
              + pick("+", "%20", "%09", "%0a", "%0d%0a", "%c2%a0", "%e2%80%8b", "%ef%bb%bf")
              + "="
              + value;
      case 8 -> pick("+", "%20", "%ef%bb%bf", "%c2%ad", "%00") + name + "=" + value;
      case 9 -> name + pick("[]", "%5B%5D", "[0]", "[1]", ".", "[$eq]", ";") + "=" + value;
      case 10 -> wide(name) + "=" + value;
      case 11 -> name.replace("a", "%d0%b0").replace("e", "%d0%b5") + "=" + value;
      case 12 -> "cursor=1;" + name + "=" + value;
      case 13 -> "cursor=1%26" + name + "%3D" + value;
      case 14 -> "cache-buster=x%23&" + name + "=" + value;
      case 15 ->
          name + "=" + URLEncoder.encode(right, StandardCharsets.UTF_8) + "&" + name + "=" + value;
      case 16 ->
          name + "=" + value + "&" + name + "=" + URLEncoder.encode(right, StandardCharsets.UTF_8);
      case 17 -> "subset__" + name + "=" + value;
      case 18 ->
          pick(
                  "params[$1]",
                  "params[01]",
                  "params%5B%241%5D",
                  "params[1][]",
                  "params[1]]",
                  "params.1",
                  "params[%31]",
                  "params[1%5D",
                  "params%255B1%255D",
                  "params[２]")
              + "="
              + world.victims();
      case 19 ->
          "params="
              + URLEncoder.encode(
                  "{\"1\":\"%s\"}".formatted(world.victims()), StandardCharsets.UTF_8);
      case 20 -> "cursor=1%0d%0a" + name + ":%20" + value;
      case 21 -> "?" + name + "=" + value;
      case 22 -> name + "%3D" + value + pick("", "=", "&&");
      default -> "handle=1%3F" + name + "%3D" + value + "&amp;" + name + "=" + value;
    };
  }

  private Map.Entry<String, String> wish(int which) {
    return switch (which) {
      case 0 ->
          Map.entry(
              "table",
              pick(
                  "commands",
                  "dead_letters",
                  "public.commands",
                  "conversations",
                  "\"messages\"",
                  "messages as m"));
      case 1 ->
          Map.entry(
              "where",
              pick(
                  "true",
                  "1=1",
                  "owner = 'bob'",
                  "true or conversation_id = $1",
                  "conversation_id = '" + world.victims() + "'"));
      case 2 ->
          Map.entry(
              "columns",
              pick(
                  "*",
                  "id,content," + world.tenants().hidden,
                  "\"id\",\"content\"",
                  world.tenants().hidden));
      case 3 -> Map.entry("queryable_columns", pick("*", "id," + world.tenants().hidden));
      case 4 -> Map.entry("replica", "full");
      case 5 -> Map.entry("params[1]", pick(world.victims(), TwoTenants.BOB));
      default -> Map.entry(pick("secret", "api_secret", "source_id", "database_id", "token"), "x");
    };
  }

  private String json(int nth) {
    Map.Entry<String, String> wish = wish(nth % WISHES);
    String value = TestGateway.JSON.writeValueAsString(wish.getValue());
    String name = wish.getKey();
    String key =
        switch (random.nextInt(6)) {
          case 0 -> "\\u00%02x%s".formatted((int) name.charAt(0), name.substring(1));
          case 1 -> mixed(name);
          case 2 -> name + pick("\\u0000", " ", "[]", "\\u200b");
          case 3 -> "\\uff%02x%s".formatted(name.charAt(0) - 0x20, name.substring(1));
          default -> name;
        };
    String pair = "\"%s\":%s".formatted(key, value);
    String params = "\"params\":{\"1\":\"%s\"}".formatted(world.victims());
    return switch (nth / 4 % 12) {
      case 0, 1 -> "{%s}".formatted(pair);
      case 2 -> "{\"subset\":{%s}}".formatted(pair);
      case 3 -> "{\"subset\":{\"where\":\"true\",%s,%s}}".formatted(pair, params);
      case 4 -> "{%s,%s}".formatted(params, pair);
      case 5 -> "{\"where\":\"true\",%s}".formatted(pair);
      case 6 -> "{\"subset\":{},%s}".formatted(pair);
      case 7 -> "{\"subset\":{\"subset\":{%s}}}".formatted(pair);
      case 8 -> "{\"__proto__\":{%s},\"constructor\":{%s}}".formatted(pair, pair);
      case 9 -> "[{%s}]".formatted(pair);
      case 10 -> "{\"where\":\"true\"}{%s}".formatted(pair);
      default -> "{\"limit\":1,\"order_by\":\"id\",\"params\":{%s}}".formatted(pair);
    };
  }

  private Held held() {
    List<Held> all = world.held();
    return all.get(random.nextInt(all.size()));
  }

  private static String percent(String text) {
    return text.chars().mapToObj("%%%02x"::formatted).collect(Collectors.joining());
  }

  private String oneOf(String text) {
    int at = random.nextInt(text.length());
    return text.substring(0, at)
        + percent(text.substring(at, at + 1)).toUpperCase(java.util.Locale.ROOT)
        + text.substring(at + 1);
  }

  private String mixed(String text) {
    return text.chars()
        .mapToObj(c -> String.valueOf((char) (random.nextBoolean() ? Character.toUpperCase(c) : c)))
        .collect(Collectors.joining());
  }

  /// In full-width forms, which normalise to ASCII.
  private static String wide(String text) {
    return text.chars()
        .mapToObj(
            c -> c > ' ' && c < 127 ? percentUtf8((char) (c + 0xFEE0)) : String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  private static String percentUtf8(char c) {
    return URLEncoder.encode(String.valueOf(c), StandardCharsets.UTF_8);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
