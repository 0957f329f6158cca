package dev.penstock.shapes.http;

import static java.util.Objects.requireNonNull;

import dev.penstock.management.Drain;
import dev.penstock.shapes.log.Chunk;
import dev.penstock.shapes.log.Outcome;
import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.log.ShapeLog;
import dev.penstock.shapes.shape.Offset;
import dev.penstock.shapes.snapshot.SnapshotException;
import dev.penstock.shapes.snapshot.Snapshots;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// Answers shape requests whose parameters are read: decides which rows or changes of which handle.
final class ShapeEndpoint {
  private static final Duration OLD_TABLE = Duration.ofMinutes(5);
  private static final Duration NEW_TABLE = Duration.ofMillis(500);
  private static final int TRIES = 3;
  private static final String MISMATCH =
      "The specified shape definition and handle do not match."
          + " Please ensure the shape definition is correct or omit the shape handle from the"
          + " request to obtain a new one.";

  private final ProtocolSettings settings;
  private final Definitions definitions;
  private final ShapeLog shapeLog;
  private final SharedSnapshots initials;
  private final SnapshotChunks chunks;
  private final Snapshots snapshots;
  private final Handles handles;
  private final Held held;
  private final Replies replies;

  ShapeEndpoint(
      ProtocolSettings settings,
      Definitions definitions,
      ShapeLog shapeLog,
      Snapshots snapshots,
      Handles handles,
      Drain drain) {
    this.settings = settings;
    this.definitions = definitions;
    this.shapeLog = shapeLog;
    this.snapshots = snapshots;
    this.handles = handles;
    held = new Held(drain);
    initials = new SharedSnapshots(snapshots, handles);
    chunks = new SnapshotChunks(settings.chunkBytes());
    replies = new Replies(settings, handles);
  }

  /// A request.
  ///
  /// @param ifNoneMatch its header, null without it
  /// @param loop where it goes on when it had to wait
  private record Request(
      ShapeParameters parameters, @Nullable String ifNoneMatch, ScheduledExecutorService loop) {}

  /// @param ifNoneMatch the request's header, null without it
  /// @param loop where it goes on when it had to wait
  Mono<Answer> answer(
      ShapeParameters request, @Nullable String ifNoneMatch, ScheduledExecutorService loop) {
    // Nothing looks at the table again before its changes are promised from now on.
    Duration age = request.requested().equals("now") ? Duration.ZERO : OLD_TABLE;
    return answer(new Request(request, ifNoneMatch, loop), age, 1);
  }

  private Mono<Answer> answer(Request request, Duration age, int attempt) {
    ShapeParameters parameters = request.parameters();
    return definitions
        .resolve(parameters, age)
        .flatMap(resolved ->
            opened(resolved, request.loop())
                .flatMap(reading ->
                    answer(
                        request,
                        new Asked(parameters, resolved, reading, request.ifNoneMatch()),
                        age)))
        .onErrorResume(
            SnapshotException.class,
            e ->
                e.kind() == SnapshotException.Kind.STALE && attempt < TRIES
                    ? answer(request, Duration.ZERO, attempt + 1)
                    : Mono.error(refusal(e, parameters.subset() != null)));
  }

  /// Waits for the log where it is not followed yet.
  private Mono<Reading> opened(Definitions.Resolved resolved, ScheduledExecutorService loop) {
    return Mono.defer(() -> Mono.justOrEmpty(shapeLog.open(resolved.shape(), loop)))
        .repeatWhenEmpty(none -> none.delayElements(Duration.ofMillis(50)))
        .timeout(
            settings.patience(),
            Mono.error(() -> Refusal.unavailable("Timeout waiting for the log", 5)))
        .flatMap(reading ->
            reading
                .reach(resolved.from(), settings.patience())
                .flatMap(reached ->
                    reached
                        ? Mono.just(reading)
                        : Mono.error(
                            Refusal.unavailable("Timeout waiting for the table's log", 1))));
  }

  private static Refusal refusal(SnapshotException e, boolean subset) {
    String message = String.valueOf(e.getMessage());
    return switch (e.kind()) {
      case CLAUSE ->
          subset ? Refusal.invalidSubset("where", message) : Refusal.invalid("where", message);
      case STALE -> Refusal.unavailable("Failed to create shape, please retry", 1);
      case UNAVAILABLE -> Refusal.unavailable(message, 10);
      case UNREACHABLE -> Refusal.unreachable(message);
    };
  }

  private Mono<Answer> answer(Request from, Asked asked, Duration age) {
    ShapeParameters request = asked.request();
    Reading reading = asked.reading();
    Offset offset = request.offset();
    String text = request.handle();
    if (offset == null || text == null) {
      return start(asked, text);
    }
    Handles.Named handle = handles.read(text, reading.generation()).orElse(null);
    if (handle == null) {
      // It may be of a generation that this instance has not read of.
      return (handles.isForeign(text) ? reading.isAtEnd(settings.patience()) : Mono.just(true))
          .map(known -> {
            if (!known) {
              throw Refusal.unavailable("This instance has not caught up yet", 1);
            }
            return replies.refetch(asked);
          });
    }
    if (handle.handle().definition() != asked.shape().id()) {
      // Another instance may have known the table's new columns before this one did.
      return age.compareTo(NEW_TABLE) > 0
          ? answer(from, NEW_TABLE, TRIES)
          : Mono.just(replies.refetch(asked));
    }
    if (handles.isDeleted(handle.handle())) {
      return Mono.just(replies.refetch(asked));
    }
    long since = System.nanoTime();
    long needed = Reading.later(offset.lsn(), handle.handle().start());
    return reading
        .reach(needed, settings.patience())
        .flatMap(reached -> {
          if (!reached) {
            return Mono.error(tooFar(offset, handle, reading, since));
          }
          if (reading.isRotated(handle.handle())) {
            return Mono.just(replies.refetch(asked));
          }
          return request.subset() != null ? subset(asked, handle) : log(asked, handle, offset);
        });
  }

  private static Refusal tooFar(Offset offset, Handles.Named handle, Reading reading, long since) {
    return reading.isAtEndSince(since)
            && Long.compareUnsigned(offset.lsn(), handle.handle().start()) > 0
        ? Refusal.invalid("offset", "out of bounds for this shape")
        : Refusal.unavailable("This instance has not caught up yet", 1);
  }

  /// @param told the handle of a 409, null without one: what was rotated must not be met again on
  ///   an instance that has not read of it
  private Mono<Answer> start(Asked asked, @Nullable String told) {
    Reading reading = asked.reading();
    long least =
        told == null
            ? 0
            : handles
                .read(told, reading.generation())
                .map(named -> named.handle().start())
                .orElse(0L);
    boolean subset = asked.request().subset() != null;
    if (!subset && !asked.request().requested().equals("now")) {
      return initial(asked, least);
    }
    return reading
        .reach(least, settings.patience())
        .flatMap(reached -> {
          if (!reached) {
            return Mono.error(Refusal.unavailable("This instance has not caught up yet", 1));
          }
          return subset ? subset(asked, null) : Mono.just(replies.now(asked));
        });
  }

  private Mono<Answer> initial(Asked asked, long least) {
    boolean again = asked.request().again();
    return initials
        // One that was cut may be what this client was sent away with.
        .initial(asked.shape(), asked.reading(), least, taken -> !(again && chunks.isCut(taken)))
        .map(initial -> {
          Optional<SnapshotChunks.Piece> first = again ? Optional.empty() : chunks.first(initial);
          return first
              .map(piece -> replies.piece(asked, initial.handle().text(), piece))
              .orElseGet(() -> replies.initial(asked, initial));
        });
  }

  /// @param handle null for a new one that starts with this subset
  private Mono<Answer> subset(Asked asked, Handles.@Nullable Named handle) {
    int mark = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    return snapshots
        .take(
            asked.shape(),
            requireNonNull(asked.resolved().subset()),
            ",\"snapshot_mark\":" + mark,
            asked.reading())
        .map(rows -> {
          Handles.Named named =
              handle != null
                  ? handle
                  : handles.ofSubset(asked.shape(), rows.start(), asked.reading());
          // Never below nor beyond the one asked: the client's stream goes on from there.
          String offset =
              handle != null ? asked.request().requested() : Offset.SNAPSHOT_END.toString();
          return replies.subset(asked, named, offset, rows, mark);
        });
  }

  private Mono<Answer> log(Asked asked, Handles.Named handle, Offset requested) {
    ShapeParameters request = asked.request();
    Reading reading = asked.reading();
    if (SnapshotChunks.isInside(requested)) {
      return Mono.just(
          chunks
              .after(handle.text(), requested.op())
              .map(piece -> replies.piece(asked, handle.text(), piece))
              .orElseGet(() -> replies.refetch(asked)));
    }
    Offset after = requested.whole();
    Mono<Long> deletion = settings.allowDelete() ? handles.deletion(handle.handle()) : Mono.never();
    if (request.live() && request.sse()) {
      Events events = new Events(reading, handle.handle(), settings, held);
      return Mono.just(replies.events(asked, handle, events.from(after).takeUntilOther(deletion)));
    }
    Mono<Outcome> outcome =
        request.live()
            ? Mono.firstWithSignal(
                reading.readOrWait(
                    handle.handle(), after, settings.chunkBytes(), settings.longPoll()),
                deletion.map(_ -> new Outcome.Rotated()),
                // As at the end of the long poll.
                held.over()
                    .then(
                        Mono.defer(
                            () -> reading.read(handle.handle(), after, settings.chunkBytes()))))
            : reading.read(handle.handle(), after, settings.chunkBytes());
    return outcome.map(found ->
        switch (found) {
          case Outcome.Rotated _ -> replies.refetch(asked);
          case Outcome.Unavailable _ -> throw Refusal.unavailable("The log is out of reach", 5);
          case Outcome.Found(Chunk chunk) -> replies.chunk(asked, handle, after, chunk);
        });
  }

  /// Makes a definition's handles invalid, on this instance: by the definition, by the definition
  /// and a handle, or by a handle alone.
  Mono<Answer> delete(ShapeParameters request, @Nullable String handle) {
    Refusal none = Refusal.of(404, "message", "No existing shape found");
    Optional<Handles.Named> named =
        handle == null
            ? Optional.empty()
            : shapeLog.generation().flatMap(generation -> handles.read(handle, generation));
    if (request.table() == null) {
      return named
          .filter(known -> !handles.isDeleted(known.handle()))
          .map(known -> Mono.just(deleted(known.handle().definition())))
          .orElseGet(() -> Mono.error(none));
    }
    return definitions
        .known(request, OLD_TABLE)
        .map(resolved -> {
          long id = resolved.shape().id();
          if (handle != null && named.filter(n -> n.handle().definition() == id).isEmpty()) {
            throw Refusal.of(400, "message", MISMATCH);
          }
          return deleted(id);
        });
  }

  private Answer deleted(long definition) {
    handles.delete(definition);
    return Answer.json(202, "");
  }
}
