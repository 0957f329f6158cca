package dev.penstock.gateway.collapse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBuffer;

/// The part of an answer that is kept, piece by piece, each with the number of readers that have
/// yet to take it. Not thread-safe.
final class Pieces {
  // Of what a thousand answers let go, the little that stalled readers still hold would keep whole
  // chunks of Netty's own choice, which it uses again only when all of one is free.
  private static final ByteBufAllocator COPIES = PooledByteBufAllocator.DEFAULT;

  private final CollapseMetrics metrics;
  private final List<Piece> pieces = new ArrayList<>();
  private int first;
  private long bytes;

  Pieces(CollapseMetrics metrics) {
    this.metrics = metrics;
  }

  private static final class Piece {
    final ByteBuf bytes;
    int left;

    Piece(ByteBuf bytes, int left) {
      this.bytes = bytes;
      this.left = left;
    }
  }

  /// Keeps a piece of an [Upstream]'s answer.
  ///
  /// @param passing whether it is gone at once, so that the network's buffer, many times larger
  ///   than what may be in it, can hold it; else it is copied: once per answer, never per reader
  /// @param readers that will take it
  void add(DataBuffer received, boolean passing, int readers) {
    ByteBuf kept = ((NettyDataBuffer) received).getNativeBuffer();
    if (!passing) {
      int length = kept.readableBytes();
      kept = COPIES.directBuffer(length, length).writeBytes(kept);
      DataBufferUtils.release(received);
    }
    pieces.add(new Piece(kept, readers));
    count(kept.readableBytes());
  }

  long bytes() {
    return bytes;
  }

  int count() {
    return pieces.size();
  }

  /// Index of the first piece kept.
  int first() {
    return first;
  }

  boolean has(int index) {
    return index - first < pieces.size();
  }

  /// A reference of the taker's own to the piece at `index`.
  ByteBuf take(int index) {
    Piece piece = pieces.get(index - first);
    piece.left--;
    return piece.bytes.retainedDuplicate();
  }

  /// One more reader, which begins with the first piece.
  void readerCame() {
    pieces.forEach(piece -> piece.left++);
  }

  /// A reader less, which would have taken the piece at `next` and all behind it.
  void readerLeft(int next) {
    for (int i = next - first; i < pieces.size(); i++) {
      pieces.get(i).left--;
    }
  }

  void dropTaken() {
    int taken = 0;
    while (taken < pieces.size() && pieces.get(taken).left == 0) {
      release(pieces.get(taken++));
    }
    pieces.subList(0, taken).clear();
    first += taken;
  }

  void clear() {
    pieces.forEach(this::release);
    first += pieces.size();
    pieces.clear();
  }

  private void release(Piece piece) {
    count(-piece.bytes.readableBytes());
    piece.bytes.release();
  }

  private void count(long change) {
    bytes += change;
    metrics.kept(change);
  }
}
