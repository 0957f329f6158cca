package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

/// A gateway with a provider's public key, two signing keys and no rate in the way.
final class AttackedGateway implements AutoCloseable {
  static final List<String> SECRETS =
      List.of(
          TestGateway.UPSTREAM_SECRET, "upstream%2Bsecret", Forge.SHAPE_SECRET, Forge.OLD_SECRET);

  final TestGateway gateway;

  /// @param world whose ended login is ended here
  AttackedGateway(AttackWorld world, Map<String, Object> extra) {
    var properties =
        new java.util.HashMap<String, Object>(
            Map.ofEntries(
                Map.entry("penstock.gateway.auth-secret", ""),
                Map.entry("penstock.gateway.auth-public-key", Forge.pem()),
                Map.entry("penstock.gateway.auth-issuer", Forge.ISSUER),
                Map.entry("penstock.gateway.auth-audience", Forge.AUDIENCE),
                Map.entry(
                    "penstock.gateway.shape-token-keys",
                    "k1:" + Forge.SHAPE_SECRET + ",k2:" + Forge.OLD_SECRET),
                Map.entry("penstock.gateway.user-rate", 1_000_000),
                Map.entry("penstock.gateway.user-burst", 1_000_000)));
    properties.putAll(extra);
    gateway = new TestGateway(world.tenants().database, properties);
    assertThat(
            gateway
                .post(
                    "/revocations",
                    world.revokedLogin(),
                    "{\"jti\":\"%s\"}".formatted(AttackWorld.REVOKED))
                .statusCode())
        .isEqualTo(204);
  }

  int port() {
    return gateway.port();
  }

  @Override
  public void close() {
    gateway.close();
  }
}
