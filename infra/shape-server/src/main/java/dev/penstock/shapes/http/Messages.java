package dev.penstock.shapes.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.shapes.log.Chunk;
import dev.penstock.shapes.snapshot.Rows;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

/// Bodies: messages between brackets, or as events.
final class Messages {
  static final String MUST_REFETCH = "[{\"headers\":{\"control\":\"must-refetch\"}}]";

  private static final int PIECE_BYTES = 16 << 10;
  private static final byte[] OPEN = bytes("[");
  private static final byte[] CLOSE = bytes("]");

  private Messages() {}

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static String upToDate(long lsn) {
    return "{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\""
        + Long.toUnsignedString(lsn)
        + "\"}}";
  }

  /// An initial snapshot: its rows, then its end.
  static Flux<byte[]> snapshot(Rows rows) {
    return Flux.just(OPEN)
        .concatWith(rows.pieces())
        .concatWith(Flux.just(bytes(snapshotEnd(rows))));
  }

  /// A snapshot's last message and the end of the array.
  static String snapshotEnd(Rows rows) {
    return "{\"headers\":{\"control\":\"snapshot-end\"," + rows.xids() + "}}]";
  }

  /// A subset's rows. A transaction that it has may end exactly at its limit, and the client stops
  /// telling its changes apart at `database_lsn`: so that is behind the limit.
  static Flux<byte[]> subset(Rows rows, int mark) {
    String start =
        "{\"metadata\":{\"snapshot_mark\":%d,\"database_lsn\":\"%s\",%s},\"data\":["
            .formatted(mark, Long.toUnsignedString(rows.limit() + 1), rows.xids());
    Flux<byte[]> pieces =
        rows.pieces().index().map(indexed -> separated(indexed.getT2(), indexed.getT1() > 0));
    return Flux.just(bytes(start)).concatWith(pieces).concatWith(Flux.just(bytes("]}")));
  }

  /// A piece with its comma moved from its end to its start, or dropped.
  private static byte[] separated(byte[] piece, boolean comma) {
    byte[] moved = new byte[piece.length - (comma ? 0 : 1)];
    System.arraycopy(piece, 0, moved, comma ? 1 : 0, piece.length - 1);
    if (comma) {
      moved[0] = ',';
    }
    return moved;
  }

  /// A chunk's messages, then perhaps up-to-date, in pieces for the socket that share the chunk's
  /// arrays.
  static List<Chunk.Slice> array(Chunk chunk, String last) {
    List<Chunk.Slice> parts = new ArrayList<>();
    parts.add(slice(OPEN));
    int slices = chunk.slices().size();
    for (int i = 0; i < slices; i++) {
      Chunk.Slice slice = chunk.slices().get(i);
      int drop = i == slices - 1 && last.isEmpty() ? 1 : 0;
      parts.add(new Chunk.Slice(slice.array(), slice.start(), slice.length() - drop));
    }
    parts.add(slice(bytes(last)));
    parts.add(slice(CLOSE));
    return parts;
  }

  static long size(List<Chunk.Slice> parts) {
    return parts.stream().mapToLong(Chunk.Slice::length).sum();
  }

  /// The same as one array.
  static byte[] whole(List<Chunk.Slice> parts) {
    byte[] all = new byte[(int) size(parts)];
    int at = 0;
    for (Chunk.Slice part : parts) {
      System.arraycopy(part.array(), part.start(), all, at, part.length());
      at += part.length();
    }
    return all;
  }

  /// The same piece by piece, copied only when the socket asks for it.
  static Flux<byte[]> pieces(List<Chunk.Slice> parts) {
    return Flux.<byte[], int[]>generate(
        () -> new int[2],
        (at, sink) -> {
          byte[] piece = new byte[PIECE_BYTES];
          int length = 0;
          while (length < PIECE_BYTES && at[0] < parts.size()) {
            Chunk.Slice part = parts.get(at[0]);
            int n = Math.min(PIECE_BYTES - length, part.length() - at[1]);
            System.arraycopy(part.array(), part.start() + at[1], piece, length, n);
            length += n;
            at[1] += n;
            if (at[1] == part.length()) {
              at[0]++;
              at[1] = 0;
            }
          }
          if (length == 0) {
            sink.complete();
          } else {
            sink.next(length == PIECE_BYTES ? piece : java.util.Arrays.copyOf(piece, length));
          }
          return at;
        });
  }

  private static Chunk.Slice slice(byte[] bytes) {
    return new Chunk.Slice(bytes, 0, bytes.length);
  }
}
