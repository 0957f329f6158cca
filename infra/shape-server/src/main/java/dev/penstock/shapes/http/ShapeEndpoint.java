package dev.penstock.shapes.http;

import dev.penstock.management.Drain;
import dev.penstock.shapes.log.Chunk;
import dev.penstock.shapes.log.Outcome;
import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.log.ShapeLog;
import dev.penstock.shapes.shape.Offset;
import dev.penstock.shapes.shape.SchemaHeader;
import dev.penstock.shapes.snapshot.SnapshotException;
import dev.penstock.shapes.snapshot.Snapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// Answers shape requests whose parameters are read.
final class ShapeEndpoint {
  private static final Duration OLD_TABLE = Duration.ofMinutes(5);
  private static final Duration NEW_TABLE = Duration.ofMillis(500);
  private static final int WHOLE_BYTES = 32 << 10;
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
  private final AtomicLong unrepeatable = new AtomicLong(System.currentTimeMillis());

  ShapeEndpoint(
      ProtocolSettings settings,
      Definitions definitions,
      ShapeLog shapeLog,
      Snapshots snapshots,
      Handles handles,
      Drain drain) {
    this.settings = settings;
    held = new Held(drain);
    this.definitions = definitions;
    this.shapeLog = shapeLog;
    this.snapshots = snapshots;
    this.handles = handles;
    initials = new SharedSnapshots(snapshots, handles);
    chunks = new SnapshotChunks(settings.chunkBytes());
  }

  /// @param ifNoneMatch the request's header, null without it
  Mono<Answer> answer(ShapeParameters request, @Nullable String ifNoneMatch) {
    // Nothing looks at the table again before its changes are promised from now on.
    Duration age = request.requested().equals("now") ? Duration.ZERO : OLD_TABLE;
    return answer(request, ifNoneMatch, age, 1);
  }

  private Mono<Answer> answer(
      ShapeParameters request, @Nullable String ifNoneMatch, Duration age, int attempt) {
    return definitions
        .resolve(request, age)
        .flatMap(resolved ->
            opened(resolved)
                .flatMap(reading -> answer(request, resolved, reading, ifNoneMatch, age)))
        .onErrorResume(
            SnapshotException.class,
            e ->
                e.kind() == SnapshotException.Kind.STALE && attempt < TRIES
                    ? answer(request, ifNoneMatch, Duration.ZERO, attempt + 1)
                    : Mono.error(refusal(e, request.subset() != null)));
  }

  /// Waits for the log where it is not followed yet.
  private Mono<Reading> opened(Definitions.Resolved resolved) {
    return Mono.defer(() -> Mono.justOrEmpty(shapeLog.open(resolved.shape())))
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

  private Mono<Answer> answer(
      ShapeParameters request,
      Definitions.Resolved resolved,
      Reading reading,
      @Nullable String ifNoneMatch,
      Duration age) {
    Offset offset = request.offset();
    String text = request.handle();
    if (offset == null || text == null) {
      return start(request, resolved, reading, text);
    }
    Handles.Named handle = handles.read(text, reading.generation()).orElse(null);
    if (handle == null) {
      // It may be of a generation that this instance has not read of.
      return (handles.isForeign(text) ? reading.isAtEnd(settings.patience()) : Mono.just(true))
          .map(known -> {
            if (!known) {
              throw Refusal.unavailable("This instance has not caught up yet", 1);
            }
            return refetch(resolved, reading);
          });
    }
    if (handle.handle().definition() != resolved.shape().id()) {
      // Another instance may have known the table's new columns before this one did.
      return age.compareTo(NEW_TABLE) > 0
          ? answer(request, ifNoneMatch, NEW_TABLE, TRIES)
          : Mono.just(refetch(resolved, reading));
    }
    if (handles.isDeleted(handle.handle())) {
      return Mono.just(refetch(resolved, reading));
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
            return Mono.just(refetch(resolved, reading));
          }
          return request.subset() != null
              ? subset(request, resolved, reading, handle)
              : log(request, resolved, reading, handle, offset, ifNoneMatch);
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
  private Mono<Answer> start(
      ShapeParameters request,
      Definitions.Resolved resolved,
      Reading reading,
      @Nullable String told) {
    long least =
        told == null
            ? 0
            : handles
                .read(told, reading.generation())
                .map(named -> named.handle().start())
                .orElse(0L);
    if (request.subset() == null && !request.requested().equals("now")) {
      return initial(request, resolved, reading, least);
    }
    return reading
        .reach(least, settings.patience())
        .flatMap(reached -> {
          if (!reached) {
            return Mono.error(Refusal.unavailable("This instance has not caught up yet", 1));
          }
          return request.subset() != null
              ? subset(request, resolved, reading, null)
              : Mono.just(now(request, resolved, reading));
        });
  }

  private Answer now(ShapeParameters request, Definitions.Resolved resolved, Reading reading) {
    long position = reading.position();
    Handles.Named handle = handles.from(resolved.shape(), position, reading.generation());
    Answer answer = Answer.json(200, "[" + Messages.upToDate(position) + "]");
    return shapeHeaders(answer, request, resolved, handle.text(), Offset.SNAPSHOT_END.toString())
        .with("electric-has-data", "false")
        .with("electric-up-to-date", "")
        .with("etag", etag(handle.text(), "now", "0_inf", true));
  }

  private Mono<Answer> initial(
      ShapeParameters request, Definitions.Resolved resolved, Reading reading, long least) {
    return initials
        // One that was cut may be what this client was sent away with.
        .initial(
            resolved.shape(), reading, least, taken -> !(request.again() && chunks.isCut(taken)))
        .map(initial -> {
          String handle = initial.handle().text();
          Optional<SnapshotChunks.Piece> first =
              request.again() ? Optional.empty() : chunks.first(initial);
          if (first.isPresent()) {
            return piece(request, resolved, handle, first.get());
          }
          Answer answer = Answer.pieces(Messages.snapshot(initial.rows()), initial.rows()::close);
          return shapeHeaders(answer, request, resolved, handle, Offset.SNAPSHOT.toString())
              .with("electric-has-data", "true")
              .with("etag", etag(handle, "-1", "0_0", false));
        });
  }

  private Answer piece(
      ShapeParameters request,
      Definitions.Resolved resolved,
      String handle,
      SnapshotChunks.Piece piece) {
    String end = piece.end().toString();
    return shapeHeaders(Answer.whole(piece.json()), request, resolved, handle, end)
        .with("electric-has-data", "true")
        .with("etag", etag(handle, request.requested(), end, false));
  }

  /// @param handle null for a new one that starts with this subset
  private Mono<Answer> subset(
      ShapeParameters request,
      Definitions.Resolved resolved,
      Reading reading,
      Handles.@Nullable Named handle) {
    int mark = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    return snapshots
        .take(
            resolved.shape(),
            java.util.Objects.requireNonNull(resolved.subset()),
            ",\"snapshot_mark\":" + mark,
            reading)
        .map(rows -> {
          Handles.Named named =
              handle != null ? handle : handles.ofSubset(resolved.shape(), rows.start(), reading);
          // Never below nor beyond the one asked: the client's stream goes on from there.
          String offset = handle != null ? request.requested() : Offset.SNAPSHOT_END.toString();
          Answer answer = Answer.pieces(Messages.subset(rows, mark), rows::close);
          return shapeHeaders(answer, request, resolved, named.text(), offset)
              .with("electric-snapshot", "true");
        });
  }

  private Mono<Answer> log(
      ShapeParameters request,
      Definitions.Resolved resolved,
      Reading reading,
      Handles.Named handle,
      Offset requested,
      @Nullable String ifNoneMatch) {
    if (SnapshotChunks.isInside(requested)) {
      return Mono.just(
          chunks
              .after(handle.text(), requested.op())
              .map(piece -> piece(request, resolved, handle.text(), piece))
              .orElseGet(() -> refetch(resolved, reading)));
    }
    Offset after = requested.whole();
    Mono<Long> deletion = settings.allowDelete() ? handles.deletion(handle.handle()) : Mono.never();
    if (request.live() && request.sse()) {
      Events events = new Events(reading, handle.handle(), settings, held);
      Answer answer = Answer.pieces(events.from(after).takeUntilOther(deletion), () -> {});
      String offset = request.requested();
      return Mono.just(
          shapeHeaders(answer, request, resolved, handle.text(), offset)
              .with("content-type", "text/event-stream")
              .with("connection", "keep-alive")
              .with("electric-has-data", "true")
              .with("etag", etag(handle.text(), offset, offset, true)));
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
          case Outcome.Rotated _ -> refetch(resolved, reading);
          case Outcome.Unavailable _ -> throw Refusal.unavailable("The log is out of reach", 5);
          case Outcome.Found(Chunk chunk) ->
              chunk(request, resolved, handle, after, chunk, ifNoneMatch);
        });
  }

  private Answer chunk(
      ShapeParameters request,
      Definitions.Resolved resolved,
      Handles.Named handle,
      Offset after,
      Chunk chunk,
      @Nullable String ifNoneMatch) {
    boolean nothing = request.live() && chunk.isEmpty() && chunk.complete();
    boolean moved = !chunk.end().equals(after) || request.requested().equals("0_0");
    String end = moved ? chunk.end().toString() : request.requested();
    String etag = etag(handle.text(), request.requested(), end, nothing);
    if (ifNoneMatch != null && matches(ifNoneMatch, etag)) {
      Answer unchanged =
          shapeHeaders(Answer.of(304, ""), request, resolved, handle.text(), end)
              .with("electric-has-data", "true")
              .with("etag", etag);
      unchanged.headers().remove("electric-schema");
      return unchanged;
    }
    boolean live = request.live() && !chunk.isEmpty();
    String last =
        chunk.complete() ? Messages.upToDate(live ? chunk.end().lsn() : chunk.seen()) : "";
    List<Chunk.Slice> parts = Messages.array(chunk, last);
    Answer answer =
        Messages.size(parts) <= WHOLE_BYTES
            ? Answer.whole(Messages.whole(parts))
            : Answer.pieces(Messages.pieces(parts), () -> {});
    shapeHeaders(answer, request, resolved, handle.text(), end)
        .with("electric-has-data", Boolean.toString(!nothing))
        .with("etag", etag);
    return chunk.complete() ? answer.with("electric-up-to-date", "") : answer;
  }

  /// 409 with a new handle that any instance takes.
  private Answer refetch(Definitions.Resolved resolved, Reading reading) {
    Handles.Named fresh = handles.from(resolved.shape(), reading.position(), reading.generation());
    return Answer.json(409, Messages.MUST_REFETCH)
        .with("electric-handle", fresh.text())
        .with("etag", "\"" + fresh.text() + "::\"");
  }

  private Answer shapeHeaders(
      Answer answer,
      ShapeParameters request,
      Definitions.Resolved resolved,
      String handle,
      String offset) {
    answer.with("electric-handle", handle).with("electric-offset", offset);
    return request.live()
        ? answer.with(
            "electric-cursor",
            Long.toString(Cursor.next(settings.longPoll(), request.cursor(), Instant.now())))
        : answer.with("electric-schema", SchemaHeader.of(resolved.shape()));
  }

  private String etag(String handle, String requested, String end, boolean once) {
    String unique = once ? ":" + unrepeatable.incrementAndGet() : "";
    return "\"" + handle + ":" + requested + ":" + end + unique + "\"";
  }

  private static boolean matches(String header, String etag) {
    String bare = etag.replace("\"", "");
    for (String candidate : header.split(",", -1)) {
      if (candidate.strip().replace("\"", "").equals(bare)) {
        return true;
      }
    }
    return false;
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
