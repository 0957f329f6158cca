package dev.penstock.bench;

import java.util.List;
import java.util.Map;

/// What a client follows: the bridge, a shape-server, and two gateways before it. Ways that only
/// read share one, since its start takes longer than most of them.
record Followed(Rig rig, Service bridge, Service shapes, List<Service> gateways)
    implements AutoCloseable {
  /// Returns when all are ready.
  static Followed start(Stand stand) throws Exception {
    Rig rig = stand.rig();
    try {
      Service bridge = rig.bridge();
      Service shapes = rig.shapes(Map.of());
      String nobody = "http://127.0.0.1:1";
      List<Service> gateways =
          List.of(rig.gateway(shapes.url(), nobody), rig.gateway(shapes.url(), nobody));
      rig.ready();
      return new Followed(rig, bridge, shapes, gateways);
    } catch (Exception e) {
      rig.close();
      throw e;
    }
  }

  @Override
  public void close() {
    rig.close();
  }
}
