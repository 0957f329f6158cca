package dev.penstock.gateway;

import dev.penstock.gateway.AttackWorld.Held;
import java.util.List;
import java.util.Random;

/// Requests whose path, headers or framing two servers could read in two ways.
final class WireAttacks {
  private static final List<String> PATHS =
      List.of(
          "//shape",
          "/shape/",
          "/shape//",
          "/./shape",
          "/x/../shape",
          "/shape/..;/",
          "/shape/..;/shape",
          "/..;/shape",
          "/;/shape",
          "/shape;a=b",
          "/shape;.css",
          "/shape.json",
          "/shape/x.css",
          "/shape%2f",
          "/shape%2fx.js",
          "/%2fshape",
          "/%2e%2e/shape",
          "/%2e%2e/",
          "/%2e/shape",
          "/shape/%2e%2e/shape",
          "/x/%2e%2e%2fshape",
          "/%252e%252e/shape",
          "/%73hape",
          "/%53hape",
          "/SHAPE",
          "/Shape",
          "/sHaPe",
          "/shape%00",
          "/shape%20",
          "/shape%09",
          "/shape%0a",
          "/shape%3b",
          "/shape%23",
          "/shape%3foffset=-1",
          "/shape\\",
          "/\\shape",
          "/shape%5c..",
          "/v1/shape",
          "/shape/v1/shape",
          "/v1//shape",
          "/shape/v1",
          "/assets/../shape",
          "/assets/..%2fshape",
          "/index.html/../shape",
          "http://x/shape",
          "http://127.0.0.1/v1/shape",
          "HTTP://evil.example/shape",
          "http://x//shape",
          "//x/shape",
          "*",
          "shape",
          "/%c0%afshape",
          "/shape%c0%80",
          "/%ef%bc%8fshape",
          "/shape%ef%bc%9f",
          "/sh%C3%A5pe",
          "/shape#",
          "/actuator",
          "/actuator/env",
          "/actuator/heapdump",
          "/health/../shape",
          "/penstock-gateway.yml");

  private final AttackWorld world;
  private final Random random;

  WireAttacks(AttackWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  /// Without a token, or with one that says less than the query.
  Attack path() {
    boolean none = random.nextBoolean();
    Held held = held();
    String query =
        "?offset=-1" + pick("", "&table=messages&where=true", "&table=commands", "&columns=*");
    return new Attack(
        "paths",
        "%s %s%s HTTP/%s\r\nHost: %s\r\nConnection: close\r\n%s\r\n"
            .formatted(
                pick(
                    "GET", "GET", "GET", "HEAD", "POST", "DELETE", "PUT", "get", "TRACE", "CONNECT",
                    "PATCH"),
                PATHS.get(random.nextInt(PATHS.size())),
                query,
                pick("1.1", "1.1", "1.1", "1.0"),
                pick("x", "127.0.0.1", "localhost", "x:1", ""),
                none ? "" : "Authorization: Bearer " + held.token() + "\r\n"),
        none ? Attack.NOTHING : held.covered(),
        none ? 0 : 1);
  }

  Attack command() {
    String id = world.victims();
    String path =
        pick(
                "/answers/%s/stop",
                "/answers/%s/../../dead-letters",
                "/answers/..;/dead-letters",
                "/answers/%%2e%%2e/stop",
                "/answers/%s%%2f..%%2fstop",
                "/dead-letters/..%%2f..%%2fv1%%2fshape",
                "/dead-letters/%s;x=1/retry",
                "/dead-letters/%s?x=1",
                "//dead-letters",
                "/dead-letters/",
                "/DEAD-LETTERS",
                "/answers/a%%0d%%0ax/stop",
                "/answers/%%25%%32%%65/stop",
                "/answers/%s%%00/stop")
            .formatted(id);
    boolean none = random.nextInt(3) > 0;
    return new Attack(
        "commands",
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: 2\r\n\r\n{}"
            .formatted(
                pick("GET", "POST", "DELETE"),
                path,
                none
                    ? pick("", "Authorization: Bearer " + world.messages() + "\r\n")
                    : "Authorization: Bearer " + world.login() + "\r\n"),
        world.hers(),
        none ? 0 : 1);
  }

  Attack headers() {
    boolean none = random.nextInt(3) == 0;
    Held held = held();
    String authorization = none ? "" : "Authorization: Bearer " + held.token() + "\r\n";
    StringBuilder more = new StringBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      more.append(header()).append("\r\n");
    }
    return new Attack(
        "headers",
        "GET /shape?offset=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + (random.nextBoolean() ? authorization + more : more + authorization)
            + "\r\n",
        none ? Attack.NOTHING : held.covered(),
        none ? 0 : 1);
  }

  private String header() {
    String forged =
        Forge.token("{\"alg\":\"none\"}", Forge.authClaims(TwoTenants.BOB), Forge.nothing());
    return pick(
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Prefix: /v1",
        "X-Forwarded-Path: /v1/shape?table=messages",
        "X-Forwarded-User: bob",
        "Forwarded: for=127.0.0.1;host=evil;proto=https",
        "X-Real-IP: 127.0.0.1",
        "X-Original-URL: /v1/shape?table=messages&where=true",
        "X-Rewrite-URL: /v1/shape?table=messages",
        "X-HTTP-Method-Override: DELETE",
        "X-HTTP-Method: PUT",
        "X-Method-Override: POST",
        "Electric-Table: messages",
        "Electric-Where: true",
        "electric-columns: *",
        "X-Electric-Where: true",
        "electric-params[1]: " + world.victims(),
        "electric-secret: x",
        "table: commands",
        "where: true",
        "Connection: authorization",
        "Connection: close, authorization, host",
        "Keep-Alive: timeout=1",
        "TE: trailers",
        "Trailer: Authorization",
        "Proxy-Authorization: Bearer " + world.messages(),
        "Proxy-Connection: keep-alive",
        "Upgrade: websocket",
        "Expect: 100-continue",
        "Max-Forwards: 0",
        "Authorization: Bearer " + forged,
        "Authorization:",
        "authorization: Basic Ym9iOmJvYg==",
        "X-Authorization: Bearer " + world.messages(),
        "Authorization : Bearer " + world.messages(),
        "Cookie: token=" + world.messages() + "; authorization=Bearer " + world.messages(),
        "Host: evil.example",
        "Content-Length: 0",
        "Content-Length: +0",
        "Content-Length: -1",
        "Range: bytes=0-99",
        "If-Range: \"1:-1:0_0\"",
        "If-None-Match: \"1:-1:0_0\"",
        "If-None-Match: *",
        "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
        "Accept-Encoding: gzip, br, deflate",
        "Accept: text/html",
        "Origin: null",
        "Origin: https://evil.example",
        "Origin: " + TestGateway.ORIGIN,
        "X-A: a\r\n Electric-Where: true",
        "X-A: a\rElectric-Where: true",
        "X-A: a\nElectric-Where: true",
        "X-A\0: b",
        "X-A: \u0000",
        "X\u00e9: 1",
        ": nameless",
        "no colon at all",
        "X-" + "a".repeat(200) + ": " + "b".repeat(4_000),
        "Transfer-Encoding: identity",
        "traceparent: 00-%s".formatted("0".repeat(60)),
        "X-User-Id: bob",
        "X-Remote-User: bob",
        "X-Penstock-User: bob",
        "Content-Type: application/json;table=messages");
  }

  /// A second request inside of the first one, which has no token or asks for more.
  Attack framing() {
    Held held = held();
    String inner =
        pick(
            "GET /shape?offset=-1&table=messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /v1/shape?table=messages&offset=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /dead-letters HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ",
            "POST /shape?offset=-1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    String first =
        pick("POST", "GET")
            + " /shape?offset=-1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + held.token()
            + "\r\nContent-Type: application/json\r\n";
    String chunked = "2\r\n{}\r\n0\r\n\r\n";
    String bytes =
        switch (random.nextInt(16)) {
          case 0 ->
              first
                  + "Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n%s%s"
                      .formatted(chunked.length(), chunked, inner);
          case 1 ->
              first
                  + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n%s%s"
                      .formatted(chunked, inner);
          case 2 ->
              first
                  + "Content-Length: 2\r\nContent-Length: %d\r\n\r\n{}%s"
                      .formatted(2 + inner.length(), inner);
          case 3 -> first + "Content-Length: 2, 2\r\n\r\n{}%s".formatted(inner);
          case 4 ->
              first
                  + "%s\r\nContent-Length: 2\r\n\r\n{}%s"
                      .formatted(
                          pick(
                              "Transfer-Encoding : chunked",
                              "Transfer-Encoding: xchunked",
                              "Transfer-Encoding:\u000bchunked",
                              "Transfer-Encoding: chunked, identity",
                              "Transfer-Encoding: identity, chunked",
                              "Transfer-Encoding:\tchunked",
                              " Transfer-Encoding: chunked",
                              "Transfer-Encoding: chunk",
                              "Transfer-Encoding: \"chunked\"",
                              "X: x\nTransfer-Encoding: chunked",
                              "transfer-encoding: CHUNKED"),
                          inner);
          case 5 ->
              first
                  + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n%s%s"
                      .formatted(chunked, inner);
          case 6 ->
              first
                  + "Transfer-Encoding: chunked\r\n\r\n2;ext=\"\r\n%s\"\r\n{}\r\n0\r\n\r\n%s"
                      .formatted(inner.strip(), inner);
          case 7 ->
              first
                  + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\nX: y\r\n\r\n%s"
                      .formatted(inner);
          case 8 ->
              first
                  + "Transfer-Encoding: chunked\r\n\r\n%s\r\n{}\r\n0\r\n\r\n%s"
                      .formatted(
                          pick("0x2", "+2", "2 ", "-2", "00000000000000002", "fffffffffffffffff"),
                          inner);
          case 9 -> first + "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n%s".formatted(inner);
          case 10 ->
              first
                  + "Content-Length: %s\r\n\r\n{}%s"
                      .formatted(pick("+2", "0x2", "2.0", " 2", "2 ", "٢"), inner);
          case 11 ->
              first.replace("HTTP/1.1", "HTTP/1.0")
                  + "Transfer-Encoding: chunked\r\n\r\n%s%s".formatted(chunked, inner);
          case 12 -> first + "\r\n" + inner;
          case 13 -> first.replace("\r\n", "\n") + "\n" + inner;
          case 14 -> first + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}" + inner;
          default ->
              first
                  + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
                  + inner;
        };
    // The one that has a token may be answered, the other one not.
    return new Attack("framing", bytes, held.covered(), 1);
  }

  private Held held() {
    List<Held> all = world.held();
    return all.get(random.nextInt(all.size()));
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
