package dev.penstock.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// A growing array of bytes, big-endian, with unsigned varints.
final class Output {
  private byte[] bytes;
  private int length;

  Output(int capacity) {
    bytes = new byte[capacity];
  }

  int length() {
    return length;
  }

  void truncate(int newLength) {
    length = newLength;
  }

  Output putByte(int value) {
    ensure(1);
    bytes[length++] = (byte) value;
    return this;
  }

  Output putInt(int value) {
    ensure(4);
    ByteBuffer.wrap(bytes).putInt(length, value);
    length += 4;
    return this;
  }

  Output putLong(long value) {
    ensure(8);
    ByteBuffer.wrap(bytes).putLong(length, value);
    length += 8;
    return this;
  }

  Output putVarint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  Output putBytes(byte[] source, int start, int count) {
    ensure(count);
    System.arraycopy(source, start, bytes, length, count);
    length += count;
    return this;
  }

  Output putSized(byte[] source) {
    return putVarint(source.length).putBytes(source, 0, source.length);
  }

  Output putText(String text) {
    return putSized(text.getBytes(UTF_8));
  }

  /// Takes away what is behind `newLength`.
  byte[] cut(int newLength) {
    byte[] behind = Arrays.copyOfRange(bytes, newLength, length);
    length = newLength;
    return behind;
  }

  /// A view for writing at places already passed.
  ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes, 0, length);
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length + (bytes.length >> 1), length + more));
    }
  }
}
