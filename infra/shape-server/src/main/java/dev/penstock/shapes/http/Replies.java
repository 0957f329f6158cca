package dev.penstock.shapes.http;

import dev.penstock.shapes.log.Chunk;
import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.shape.Offset;
import dev.penstock.shapes.shape.SchemaHeader;
import dev.penstock.shapes.snapshot.Rows;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;

/// Puts answers into the protocol's form: bodies and headers.
final class Replies {
  private static final int WHOLE_BYTES = 32 << 10;

  private final ProtocolSettings settings;
  private final Handles handles;
  private final AtomicLong unrepeatable = new AtomicLong(System.currentTimeMillis());

  Replies(ProtocolSettings settings, Handles handles) {
    this.settings = settings;
    this.handles = handles;
  }

  /// No rows, and a new handle from the end of the log.
  Answer now(Asked asked) {
    long position = asked.reading().position();
    Handles.Named handle = handles.from(asked.shape(), position, asked.reading().generation());
    Answer answer = Answer.json(200, "[" + Messages.upToDate(position) + "]");
    return shapeHeaders(answer, asked, handle.text(), Offset.SNAPSHOT_END.toString())
        .with("electric-has-data", "false")
        .with("electric-up-to-date", "")
        .with("etag", etag(handle.text(), "now", "0_inf", true));
  }

  Answer initial(Asked asked, SharedSnapshots.Initial initial) {
    String handle = initial.handle().text();
    Answer answer = Answer.pieces(Messages.snapshot(initial.rows()), initial.rows()::close);
    return shapeHeaders(answer, asked, handle, Offset.SNAPSHOT.toString())
        .with("electric-has-data", "true")
        .with("etag", etag(handle, "-1", "0_0", false));
  }

  Answer piece(Asked asked, String handle, SnapshotChunks.Piece piece) {
    String end = piece.end().toString();
    return shapeHeaders(Answer.whole(piece.json()), asked, handle, end)
        .with("electric-has-data", "true")
        .with("etag", etag(handle, asked.request().requested(), end, false));
  }

  Answer subset(Asked asked, Handles.Named handle, String offset, Rows rows, int mark) {
    return shapeHeaders(
            Answer.pieces(Messages.subset(rows, mark), rows::close), asked, handle.text(), offset)
        .with("electric-snapshot", "true");
  }

  Answer events(Asked asked, Handles.Named handle, Flux<byte[]> events) {
    String offset = asked.request().requested();
    return shapeHeaders(Answer.pieces(events, () -> {}), asked, handle.text(), offset)
        .with("content-type", "text/event-stream")
        .with("connection", "keep-alive")
        .with("electric-has-data", "true")
        .with("etag", etag(handle.text(), offset, offset, true));
  }

  Answer chunk(Asked asked, Handles.Named handle, Offset after, Chunk chunk) {
    ShapeParameters request = asked.request();
    boolean nothing = request.live() && chunk.isEmpty() && chunk.complete();
    boolean moved = !chunk.end().equals(after) || request.requested().equals("0_0");
    String end = moved ? chunk.end().toString() : request.requested();
    String etag = etag(handle.text(), request.requested(), end, nothing);
    if (asked.ifNoneMatch() != null && matches(asked.ifNoneMatch(), etag)) {
      Answer unchanged =
          shapeHeaders(Answer.of(304, ""), asked, handle.text(), end)
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
    shapeHeaders(answer, asked, handle.text(), end)
        .with("electric-has-data", Boolean.toString(!nothing))
        .with("etag", etag);
    return chunk.complete() ? answer.with("electric-up-to-date", "") : answer;
  }

  /// 409 with a new handle that any instance takes.
  Answer refetch(Asked asked) {
    Reading reading = asked.reading();
    Handles.Named fresh = handles.from(asked.shape(), reading.position(), reading.generation());
    return Answer.json(409, Messages.MUST_REFETCH)
        .with("electric-handle", fresh.text())
        .with("etag", "\"" + fresh.text() + "::\"");
  }

  private Answer shapeHeaders(Answer answer, Asked asked, String handle, String offset) {
    ShapeParameters request = asked.request();
    answer.with("electric-handle", handle).with("electric-offset", offset);
    return request.live()
        ? answer.with(
            "electric-cursor",
            Long.toString(Cursor.next(settings.longPoll(), request.cursor(), Instant.now())))
        : answer.with("electric-schema", SchemaHeader.of(asked.shape()));
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
}
