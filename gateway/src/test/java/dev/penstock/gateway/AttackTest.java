package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.AttackSuite.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// No attack gets a row, a column or a name that its tokens do not cover, from an upstream that
/// does whatever it is told.
///
/// `-Dpenstock.attacks=20000` sends more of them; `-Dpenstock.seed` repeats a run.
class AttackTest {
  private static final long SEED = AttackSuite.seed();
  private static final int ATTACKS = Integer.getInteger("penstock.attacks", 2_000);
  private static final TwoTenants TENANTS = new TwoTenants(TestGateway.migratedDatabase(), SEED);
  private static final AttackWorld WORLD = AttackWorld.of(TENANTS);
  private static final LeakOracle ORACLE = new LeakOracle(TENANTS, AttackedGateway.SECRETS);
  private static final GullibleElectric ELECTRIC = new GullibleElectric(TENANTS.database);
  private static final AttackedGateway GATEWAY = new AttackedGateway(WORLD, Map.of());

  static {
    System.out.println("penstock.seed=" + SEED);
  }

  @AfterAll
  static void close() {
    GATEWAY.close();
    ELECTRIC.close();
  }

  @Test
  void noAttackGetsWhatItsTokensDoNotCover() throws InterruptedException {
    GATEWAY.gateway.shapes.answerWith(ELECTRIC);

    Outcome outcome = new AttackSuite(WORLD, ORACLE, GATEWAY.port()).run(SEED, ATTACKS);

    System.out.println("attacks: " + outcome.counts());
    assertThat(outcome.leaks()).isEmpty();
    assertThat(outcome.unserved()).isEmpty();
    assertThat(GATEWAY.gateway.commands.received())
        .allMatch(received ->
            received
                .uri()
                .matches(
                    "/questions/send|/conversations|/answers/[^/]+/stop|/dead-letters(/[^/]+)?(/retry)?"));
  }

  @Test
  void sameAttacksGetAlmostEverythingThroughANaiveProxy() throws InterruptedException {
    try (FakeUpstream proxy = new FakeUpstream()) {
      proxy.answerWith(new NaiveProxy(ELECTRIC));

      Outcome outcome = new AttackSuite(WORLD, ORACLE, proxy.port()).run(SEED, 600);

      System.out.println("through a naive proxy: " + outcome.leaking());
      assertThat(outcome.leaking().keySet())
          .contains("shape tokens", "query", "body", "subset by GET", "subset by POST", "headers");
    }
  }

  @Test
  void upstreamThatLeaksIsSeenInEveryPartOfAnAnswer() throws InterruptedException {
    String canary =
        TENANTS
            .where(place -> place.owner().equals(TwoTenants.BOB))
            .findFirst()
            .orElseThrow()
            .getKey();
    List<FakeUpstream.Behaviour> leaky =
        List.of(
            (_, response) -> FakeUpstream.json(response, "[\"" + canary + "\"]"),
            (_, response) -> FakeUpstream.json(response.header("electric-handle", canary), "[]"),
            (_, response) ->
                FakeUpstream.json(response.status(400), "{\"message\":\"" + canary + "\"}"),
            (_, response) ->
                FakeUpstream.json(
                    response.header("electric-schema", "{\"" + TENANTS.hidden + "\":{}}"), "[]"),
            (_, response) ->
                response
                    .header("content-encoding", "gzip")
                    .sendByteArray(
                        reactor.core.publisher.Mono.just(
                            GullibleElectric.gzip(
                                canary.getBytes(java.nio.charset.StandardCharsets.UTF_8)))),
            (_, response) -> FakeUpstream.json(response.status(400), TestGateway.UPSTREAM_SECRET));
    for (FakeUpstream.Behaviour behaviour : leaky) {
      GATEWAY.gateway.shapes.answerWith(behaviour);

      Outcome outcome = new AttackSuite(WORLD, ORACLE, GATEWAY.port()).run(SEED, 30);

      assertThat(outcome.leaks()).isNotEmpty();
    }
  }
}
