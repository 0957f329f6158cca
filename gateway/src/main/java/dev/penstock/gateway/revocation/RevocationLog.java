package dev.penstock.gateway.revocation;

import java.time.Instant;
import reactor.core.publisher.Mono;

/// Where revocations come from and go to.
public interface RevocationLog extends AutoCloseable {
  /// How much this gateway knows.
  enum Knowledge {
    /// Not yet all: no token can be taken.
    NONE,
    /// All up to a moment that is too long ago: no new Shape Token can be given.
    OLD,
    /// All, but more than may be kept: as [#OLD].
    FULL,
    ALL
  }

  Knowledge knowledge();

  /// Completes when the revocation is kept for all gateways and in force in this one; fails where
  /// it is not certain that it is.
  Mono<Void> publish(String key, Instant at);

  @Override
  void close();

  /// For one gateway without Kafka: revocations end with its process.
  static RevocationLog ofThisProcess(Revocations revocations) {
    return new RevocationLog() {
      @Override
      public Knowledge knowledge() {
        return revocations.isFull() ? Knowledge.FULL : Knowledge.ALL;
      }

      @Override
      public Mono<Void> publish(String key, Instant at) {
        return Mono.fromRunnable(() -> revocations.revoke(key, at));
      }

      @Override
      public void close() {}
    };
  }
}
