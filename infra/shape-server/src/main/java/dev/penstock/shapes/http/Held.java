package dev.penstock.shapes.http;

import dev.penstock.management.Drain;
import reactor.core.publisher.Mono;

/// The live requests of an instance, which a drain ends in order.
///
/// @param drain of the instance
record Held(Drain drain) {
  /// Completes when what is held is to be answered.
  Mono<Void> over() {
    return Mono.create(sink -> {
      Runnable answer = sink::success;
      sink.onDispose(() -> drain.release(answer));
      drain.hold(answer);
    });
  }
}
