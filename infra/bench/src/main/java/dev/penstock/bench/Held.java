package dev.penstock.bench;

/// Where idle live clients wait, and what one may cost.
enum Held {
  BARE("a bare Netty server", Double.NaN),
  SHAPES("the shape-server", 10),
  GATEWAY("the gateway, on one shape", 25),
  GATEWAY_OWN("the gateway, on a shape each", 25);

  private final String place;
  private final double limit;

  Held(String place, double limit) {
    this.place = place;
    this.limit = limit;
  }

  String place() {
    return place;
  }

  /// KB of heap.
  double limit() {
    return limit;
  }

  String subject() {
    return this == BARE ? place : "held poll at " + place;
  }
}
