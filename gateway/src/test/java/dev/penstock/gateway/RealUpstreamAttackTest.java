package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.gateway.AttackSuite.Outcome;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The attacks of [AttackTest] against a real shape-server, or a real Electric: see [RealShapes].
class RealUpstreamAttackTest {
  private static final long SEED = AttackSuite.seed();
  private static final int ATTACKS = Integer.getInteger("penstock.attacks", 1_200);
  private static final RealShapes SHAPES = new RealShapes();
  private static final TwoTenants TENANTS = new TwoTenants(SHAPES.database, SEED);
  private static final AttackWorld WORLD = AttackWorld.of(TENANTS);
  private static AttackedGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    System.out.println("penstock.seed=" + SEED);
    gateway = new AttackedGateway(WORLD, SHAPES.start());
    HttpRequest.Builder first =
        gateway
            .gateway
            .request("/shape?offset=-1")
            .header("Authorization", "Bearer " + WORLD.messages());
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> gateway.gateway.send(first).statusCode() == 200);
  }

  @AfterAll
  static void close() {
    gateway.close();
    SHAPES.close();
  }

  @Test
  void noAttackGetsWhatItsTokensDoNotCover() throws InterruptedException {
    LeakOracle oracle = new LeakOracle(TENANTS, AttackedGateway.SECRETS);

    Outcome outcome = new AttackSuite(WORLD, oracle, gateway.port()).run(SEED, ATTACKS);

    System.out.println("attacks on the real one: " + outcome.counts());
    assertThat(outcome.leaks()).isEmpty();
    assertThat(outcome.unserved()).isEmpty();
  }

  /// What a condition on such a column is answered must not depend on its values.
  @Test
  void columnThatIsNotCoveredCannotBeAskedAboutEither() {
    String canary =
        TENANTS
            .where(place ->
                place.conversation().equals(WORLD.own())
                    && place.table().equals("messages")
                    && place.column().equals(TENANTS.hidden))
            .findFirst()
            .orElseThrow()
            .getKey();
    HttpResponse<String> right = asked("%s = '%s'".formatted(TENANTS.hidden, canary));
    HttpResponse<String> wrong =
        asked("%s = '%s'".formatted(TENANTS.hidden, canary.replace('0', '1').replace('c', 'd')));

    assertThat(right.statusCode()).isEqualTo(400);
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(right.body()).isEqualTo(wrong.body());
  }

  private static HttpResponse<String> asked(String where) {
    return gateway.gateway.post(
        "/shape?offset=-1", WORLD.messages(), "{\"where\":\"%s\"}".formatted(where));
  }
}
