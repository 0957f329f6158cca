package dev.penstock.gateway;

import java.util.List;
import java.util.Map;

/// A gateway with a provider's public key, two signing keys and no rate in the way.
final class AttackedGateway implements AutoCloseable {
  static final List<String> SECRETS =
      List.of(
          TestGateway.UPSTREAM_SECRET, "upstream%2Bsecret", Forge.SHAPE_SECRET, Forge.OLD_SECRET);

  final TestGateway gateway;

  AttackedGateway(String database, Map<String, Object> extra) {
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
    gateway = new TestGateway(database, properties);
  }

  int port() {
    return gateway.port();
  }

  @Override
  public void close() {
    gateway.close();
  }
}
