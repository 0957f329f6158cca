package dev.penstock.shapes.http;

import dev.penstock.shapes.log.Chunk;
import dev.penstock.shapes.log.Outcome;
import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.Offset;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// A shape's log as server-sent events: each burst ends with up-to-date, a rotation ends the
/// stream, and so does a drain.
final class Events {
  private static final byte[] KEEP_ALIVE = Messages.bytes(": keep-alive\n\n");

  private final Reading reading;
  private final Handle handle;
  private final ProtocolSettings settings;
  private final Held held;

  Events(Reading reading, Handle handle, ProtocolSettings settings, Held held) {
    this.reading = reading;
    this.handle = handle;
    this.settings = settings;
    this.held = held;
  }

  /// @param pieces to send
  /// @param next where to go on, null at the end
  private record Step(Flux<byte[]> pieces, @Nullable Offset next) {}

  Flux<byte[]> from(Offset after) {
    return Flux.defer(() -> {
      long deadline = System.nanoTime() + settings.sseDuration().toNanos();
      return Flux.just(new Step(Flux.empty(), after))
          .expand(step -> {
            Offset next = step.next();
            return next == null ? Mono.empty() : step(next, deadline);
          })
          .concatMap(Step::pieces, 1);
    });
  }

  private Mono<Step> step(Offset after, long deadline) {
    Duration left = Duration.ofNanos(deadline - System.nanoTime());
    if (left.isNegative() || left.isZero()) {
      return Mono.empty();
    }
    Duration wait = left.compareTo(settings.sseKeepAlive()) < 0 ? left : settings.sseKeepAlive();
    Mono<Step> next =
        reading
            .readOrWait(handle, after, settings.chunkBytes(), wait)
            .map(outcome ->
                switch (outcome) {
                  case Outcome.Rotated _, Outcome.Unavailable _ -> new Step(Flux.empty(), null);
                  case Outcome.Found(Chunk chunk) -> step(chunk, deadline);
                });
    return Mono.firstWithSignal(next, held.over().then(Mono.<Step>empty()))
        .onErrorResume(RejectedExecutionException.class, _ -> Mono.empty());
  }

  private static Step step(Chunk chunk, long deadline) {
    if (!chunk.isEmpty()) {
      String last = chunk.complete() ? Messages.upToDate(chunk.end().lsn()) : "";
      return new Step(EventPieces.of(chunk, last), chunk.end());
    }
    return new Step(
        System.nanoTime() < deadline ? Flux.just(KEEP_ALIVE) : Flux.empty(), chunk.end());
  }
}
