package dev.penstock.shapes.http;

import dev.penstock.shapes.shape.Offset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Snapshots that are cut into several responses: those that fit in memory and are larger than a
/// response should be. What a client has not fetched yet is kept for a while, on the instance that
/// took the snapshot; elsewhere and later the answer is 409. A first request that has been sent
/// away before is never cut, so that it ends somewhere.
///
/// The end of chunk n of several is the offset `0_n`, n from 1, and of the last `0_inf`; `0_0` is
/// the end of a snapshot that is one response, so that every instance can tell.
final class SnapshotChunks {
  private static final long MAX_BYTES = 32 << 20;
  private static final long KEPT_NANOS = 60_000_000_000L;

  private final long limit;
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private long bytes;

  /// @param cuts where each chunk ends, behind a row's comma
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Kept(byte[] rows, int[] cuts, String end, long nanos) {}

  /// One response.
  ///
  /// @param end the offset behind it
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Piece(byte[] json, Offset end) {}

  /// @param limit about the largest response, in bytes
  SnapshotChunks(long limit) {
    this.limit = limit;
  }

  /// Whether the offset is the end of a chunk that more chunks follow.
  static boolean isInside(Offset offset) {
    return offset.lsn() == 0 && offset.op() > 0 && offset.op() != Offset.INF;
  }

  /// Whether a snapshot takes several responses.
  boolean isCut(SharedSnapshots.Initial initial) {
    return initial.rows().isWhole()
        && initial.rows().first().length > limit
        && cuts(initial.rows().first(), limit).length > 1;
  }

  /// The first of several responses; empty if one is enough.
  Optional<Piece> first(SharedSnapshots.Initial initial) {
    if (!isCut(initial)) {
      return Optional.empty();
    }
    byte[] rows = initial.rows().first();
    int[] cuts = cuts(rows, limit);
    keep(
        initial.handle().text(),
        new Kept(rows, cuts, Messages.snapshotEnd(initial.rows()), System.nanoTime()));
    return after(initial.handle().text(), 0);
  }

  /// The response behind the first `n`; empty if it is not here.
  synchronized Optional<Piece> after(String handle, long n) {
    Kept snapshot = kept.get(handle);
    if (snapshot == null || n >= snapshot.cuts().length) {
      return Optional.empty();
    }
    int at = (int) n;
    int from = at == 0 ? 0 : snapshot.cuts()[at - 1];
    int to = snapshot.cuts()[at];
    boolean last = at == snapshot.cuts().length - 1;
    byte[] end = Messages.bytes(last ? snapshot.end() : "]");
    byte[] json = new byte[1 + to - from + end.length - (last ? 0 : 1)];
    json[0] = '[';
    // Without the last comma, where nothing follows it.
    int length = to - from - (last ? 0 : 1);
    System.arraycopy(snapshot.rows(), from, json, 1, length);
    System.arraycopy(end, 0, json, 1 + length, end.length);
    return Optional.of(new Piece(json, last ? Offset.SNAPSHOT_END : new Offset(0, n + 1)));
  }

  private synchronized void keep(String handle, Kept snapshot) {
    if (kept.putIfAbsent(handle, snapshot) != null) {
      return;
    }
    bytes += snapshot.rows().length;
    long now = System.nanoTime();
    Iterator<Kept> oldest = kept.values().iterator();
    while (kept.size() > 1 && oldest.hasNext()) {
      Kept old = oldest.next();
      if (bytes <= MAX_BYTES && now - old.nanos() < KEPT_NANOS) {
        break;
      }
      bytes -= old.rows().length;
      oldest.remove();
    }
  }

  /// Cuts behind the row with which a response reaches the limit.
  static int[] cuts(byte[] rows, long limit) {
    List<Integer> cuts = new ArrayList<>();
    int start = 0;
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < rows.length; i++) {
      byte c = rows[i];
      if (quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0 && i + 2 - start >= limit) {
        start = i + 2;
        cuts.add(start);
      }
    }
    if (start < rows.length) {
      cuts.add(rows.length);
    }
    return cuts.stream().mapToInt(Integer::intValue).toArray();
  }
}
