package dev.penstock.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/// Reads what [Output] wrote; bounds are checked by the buffer.
final class Input {
  private final ByteBuffer buffer;

  Input(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  boolean hasMore() {
    return buffer.hasRemaining();
  }

  int getByte() {
    return buffer.get() & 0xFF;
  }

  long getVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = buffer.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new LogFormatException("a varint is longer than 64 bits");
  }

  int getSize() {
    long size = getVarint();
    if (size < 0 || size > buffer.remaining()) {
      throw new LogFormatException("a size of " + size + " exceeds what is left of the record");
    }
    return (int) size;
  }

  byte[] getBytes() {
    byte[] bytes = new byte[getSize()];
    buffer.get(bytes);
    return bytes;
  }

  String getText() {
    return new String(getBytes(), UTF_8);
  }

  Tuple getTuple() {
    int columns = getSize();
    Tuple.Builder tuple = new Tuple.Builder(columns);
    for (int i = 0; i < columns; i++) {
      long marker = getVarint();
      if (marker == 0) {
        tuple.addNull();
      } else if (marker == 1) {
        tuple.addUnchanged();
      } else {
        long length = marker - 2;
        if (length < 0 || length > buffer.remaining()) {
          throw new LogFormatException("a value of " + length + " bytes exceeds its record");
        }
        tuple.add(buffer.array(), buffer.arrayOffset() + buffer.position(), (int) length);
        buffer.position(buffer.position() + (int) length);
      }
    }
    return tuple.build();
  }
}
