package dev.penstock.shapes.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.shapes.log.Chunk;
import java.io.ByteArrayOutputStream;
import reactor.core.publisher.Flux;

/// A chunk's messages as server-sent events, made piece by piece as the socket takes them.
final class EventPieces {
  private static final int PIECE_BYTES = 16 << 10;
  private static final byte[] DATA = Messages.bytes("data: ");
  private static final byte[] END = Messages.bytes("\n\n");

  private final Chunk chunk;
  private final String last;
  private int slice;
  private int at;
  private boolean ended;

  private EventPieces(Chunk chunk, String last) {
    this.chunk = chunk;
    this.last = last;
  }

  /// @param last a message behind the chunk's, empty without one
  static Flux<byte[]> of(Chunk chunk, String last) {
    return Flux.generate(
        () -> new EventPieces(chunk, last),
        (pieces, sink) -> {
          byte[] piece = pieces.next();
          if (piece.length == 0) {
            sink.complete();
          } else {
            sink.next(piece);
          }
          return pieces;
        });
  }

  private byte[] next() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    while (out.size() < PIECE_BYTES && slice < chunk.slices().size()) {
      Chunk.Slice from = chunk.slices().get(slice);
      int end = message(from.array(), from.start() + at, from.start() + from.length());
      event(out, from.array(), from.start() + at, end - from.start() - at);
      // Behind the comma.
      at = end + 1 - from.start();
      if (at >= from.length()) {
        slice++;
        at = 0;
      }
    }
    if (out.size() < PIECE_BYTES && !ended) {
      ended = true;
      if (!last.isEmpty()) {
        event(out, last.getBytes(UTF_8), 0, last.length());
      }
    }
    return out.toByteArray();
  }

  /// Where the message ends that starts here: where the depth of braces is 0 again.
  private static int message(byte[] json, int from, int to) {
    int depth = 0;
    boolean quoted = false;
    for (int i = from; i < to; i++) {
      byte c = json[i];
      if (quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return i + 1;
      }
    }
    return to;
  }

  private static void event(ByteArrayOutputStream out, byte[] json, int start, int length) {
    out.writeBytes(DATA);
    out.write(json, start, length);
    out.writeBytes(END);
  }
}
