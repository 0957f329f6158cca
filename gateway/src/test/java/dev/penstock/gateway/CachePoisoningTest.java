package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.AttackSuite.Outcome;
import dev.penstock.gateway.AttackWorld.Held;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A cache that many users share stands in front of the gateway. Its key is the URL, which is the
/// same for all shapes: what it keeps must never be given to another token, whether it heeds what
/// the gateway says about storing or only `Vary`.
@EnabledIf("isInstalled")
class CachePoisoningTest {
  private static final String HEEDS = "";
  // Stores what it must not, as some CDNs can be told to.
  private static final String HOSTILE =
      "proxy_ignore_headers Cache-Control Expires; proxy_cache_valid any 1m;";
  private static final long SEED = AttackSuite.seed();
  private static final TwoTenants TENANTS = new TwoTenants(TestGateway.migratedDatabase(), SEED);
  private static final AttackWorld WORLD = AttackWorld.of(TENANTS);
  private static final LeakOracle ORACLE = new LeakOracle(TENANTS, AttackedGateway.SECRETS);
  private static final GullibleElectric ELECTRIC = new GullibleElectric(TENANTS.database);
  private static final AttackedGateway GATEWAY = new AttackedGateway(WORLD, Map.of());

  static boolean isInstalled() {
    return Nginx.isInstalled();
  }

  @AfterAll
  static void close() {
    GATEWAY.close();
    ELECTRIC.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {HEEDS, HOSTILE})
  void cacheGivesNobodyWhatWasAnothers(String rules) {
    GATEWAY.gateway.shapes.answerWith(ELECTRIC);
    try (Nginx nginx = new Nginx(GATEWAY.port(), rules)) {
      for (String target : targets()) {
        for (Held held : everybody()) {
          Reply reply = get(target, "Authorization: Bearer " + held.token() + "\r\n", nginx.port());
          assertThat(ORACLE.leaks(target, reply, held.covered()))
              .as(target + reply.raw())
              .isEmpty();
          assertThat(reply.status()).as(target).isIn(200, 400, 401);
          if (target.startsWith("/shape?")) {
            assertThat(reply.status()).as(target + reply.raw()).isEqualTo(200);
          }
        }
        Reply nobody = get(target, "", nginx.port());
        assertThat(ORACLE.leaks(target, nobody, Attack.NOTHING)).as(target).isEmpty();
        assertThat(nobody.status()).as(target + nobody.raw()).isIn(400, 401);
      }
    }
  }

  /// An answer to one who may not must not be what another gets, who may.
  @Test
  void refusalInTheCacheLocksNobodyOut() {
    GATEWAY.gateway.shapes.answerWith(ELECTRIC);
    try (Nginx nginx = new Nginx(GATEWAY.port(), HOSTILE)) {
      for (String poison :
          List.of(
              "",
              "Authorization: Bearer x\r\n",
              "Authorization: Bearer %s\r\n".formatted("x".repeat(9_000)),
              "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example\r\n")) {
        String target = "/shape?offset=-1&cache-buster=" + poison.length();
        get(target, poison, nginx.port());

        Held held = everybody().getFirst();
        Reply reply = get(target, "Authorization: Bearer " + held.token() + "\r\n", nginx.port());

        assertThat(reply.status()).as(poison + reply.raw()).isEqualTo(200);
        assertThat(reply.raw()).doesNotContain("evil.example");
      }
    }
  }

  /// nginx uses its connections to the gateway for everybody: nothing of one request may become a
  /// part of the next one's.
  @Test
  void attacksThroughAProxyDoNotReachTheNextOnItsConnections() throws InterruptedException {
    GATEWAY.gateway.shapes.answerWith(ELECTRIC);
    try (Nginx nginx = new Nginx(GATEWAY.port(), HEEDS)) {
      Outcome outcome =
          new AttackSuite(WORLD, ORACLE, nginx.port())
              .run(SEED, Integer.getInteger("penstock.attacks", 300));

      assertThat(outcome.leaks()).isEmpty();
      assertThat(outcome.unserved()).isEmpty();
    }
  }

  @Test
  void cacheThatIgnoresVaryIsSeenToLeak() {
    GATEWAY.gateway.shapes.answerWith(ELECTRIC);
    try (Nginx nginx =
        new Nginx(
            GATEWAY.port(),
            "proxy_ignore_headers Cache-Control Expires Vary; proxy_cache_valid any 1m;")) {
      List<String> leaks = new ArrayList<>();
      for (Held held : everybody()) {
        Reply reply =
            get("/shape?offset=-1", "Authorization: Bearer " + held.token() + "\r\n", nginx.port());
        leaks.addAll(ORACLE.leaks("", reply, held.covered()));
      }

      assertThat(leaks).isNotEmpty();
    }
  }

  private static List<String> targets() {
    return List.of(
        "/shape?offset=-1",
        "/shape?offset=0_0&handle=1-1",
        "/shape?offset=0_0&handle=1-1&live=true&cursor=1",
        "/shape?offset=-1&subset__where=true",
        "/shape?offset=-1&subset__limit=2&subset__order_by=id",
        "/shape?offset=-1&cache-buster=a.css",
        "/shape/a.css?offset=-1",
        "/shape;a.js?offset=-1",
        "/shape%2f..%2fassets%2fa.js?offset=-1");
  }

  private static List<Held> everybody() {
    List<Held> all = new ArrayList<>();
    String victims = WORLD.victims();
    all.add(
        new Held(
            AttackWorld.messagesToken(TwoTenants.BOB, victims, AttackWorld.COLUMNS),
            AttackWorld.messagesOf(victims, AttackWorld.COLUMNS),
            "messages",
            "",
            ""));
    all.addAll(WORLD.held());
    return all;
  }

  private static Reply get(String target, String headers, int port) {
    return new Attack(
            "cache",
            "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n".formatted(target, headers),
            Attack.NOTHING,
            1)
        .sendTo(port);
  }
}
