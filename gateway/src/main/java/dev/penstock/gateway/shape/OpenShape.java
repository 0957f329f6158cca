package dev.penstock.gateway.shape;

import dev.penstock.gateway.revocation.Grant;
import dev.penstock.gateway.revocation.Revocations;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// A request on `/shape` under way. Whoever is first decides what the client gets: the upstream's
/// answer, or the end of the token.
final class OpenShape implements Revocations.OpenRequest {
  private enum State {
    WAITING,
    ANSWERED,
    REFUSED
  }

  private final Grant grant;
  private final Channel client;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final Sinks.Empty<Void> refused = Sinks.empty();

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

  /// Completes when the request is to be refused for its token.
  Mono<Void> refused() {
    return refused.asMono();
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

  /// Refuses what has not begun, and cuts off what has: what waits to be written is dropped with
  /// the connection, or a client that stalls could still get it later.
  @Override
  public void end() {
    if (state.compareAndSet(State.WAITING, State.REFUSED)) {
      refused.tryEmitEmpty();
    } else if (isAnswered()) {
      var _ = client.close();
    }
  }
}
