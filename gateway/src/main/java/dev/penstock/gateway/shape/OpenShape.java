package dev.penstock.gateway.shape;

import dev.penstock.gateway.revocation.Grant;
import dev.penstock.gateway.revocation.Revocations;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// A request on `/shape` under way. Whoever is first decides what the client gets: the upstream's
/// answer, the end of the token, or the gateway's own end.
final class OpenShape implements Revocations.OpenRequest {
  private enum State {
    WAITING,
    ANSWERED,
    REFUSED,
    RELEASED
  }

  private final Grant grant;
  private final Channel client;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final Sinks.Empty<Void> over = Sinks.empty();
  private final Sinks.Empty<Void> released = Sinks.empty();

  OpenShape(Grant grant, Channel client) {
    this.grant = grant;
    this.client = client;
  }

  @Override
  public Grant grant() {
    return grant;
  }

  Channel client() {
    return client;
  }

  /// Whether the answer may begin.
  boolean answer() {
    return state.compareAndSet(State.WAITING, State.ANSWERED);
  }

  /// Completes when the request is not to wait for the upstream any longer: it is refused for its
  /// token, or released.
  Mono<Void> over() {
    return over.asMono();
  }

  /// Completes when an answer that has begun, and has no end of its own, is to end.
  Mono<Void> released() {
    return released.asMono();
  }

  boolean isReleased() {
    return state.get() == State.RELEASED;
  }

  boolean isRefused() {
    return state.get() == State.REFUSED;
  }

  boolean isAnswered() {
    return state.get() == State.ANSWERED;
  }

  /// For a client that stalls, before its answer ends in order.
  void dropUnsent() {
    if (!client.isWritable()) {
      var _ = client.close();
    }
  }

  /// The gateway stops: what has not begun is sent elsewhere, and what has may end.
  void release() {
    if (state.compareAndSet(State.WAITING, State.RELEASED)) {
      over.tryEmitEmpty();
    } else {
      released.tryEmitEmpty();
    }
  }

  /// Refuses what has not begun, and cuts off what has: what waits to be written is dropped with
  /// the connection, or a client that stalls could still get it later.
  @Override
  public void end() {
    if (state.compareAndSet(State.WAITING, State.REFUSED)) {
      over.tryEmitEmpty();
    } else if (isAnswered()) {
      var _ = client.close();
    }
  }
}
