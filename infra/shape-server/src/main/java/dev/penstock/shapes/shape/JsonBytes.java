package dev.penstock.shapes.shape;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.Tuple;
import java.util.Arrays;

/// JSON text under construction, as UTF-8.
public final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(UTF_8);

  private static final int MAX_KEPT = 64 << 10;

  private byte[] bytes;
  private int length;

  public JsonBytes(int capacity) {
    bytes = new byte[capacity];
  }

  public int length() {
    return length;
  }

  public byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  /// Forgets everything, keeps the memory unless it is much.
  public void clear() {
    length = 0;
    if (bytes.length > MAX_KEPT) {
      bytes = new byte[MAX_KEPT];
    }
  }

  public JsonBytes raw(byte[] json) {
    ensure(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  public JsonBytes raw(String json) {
    return raw(json.getBytes(UTF_8));
  }

  public JsonBytes raw(char c) {
    ensure(1);
    bytes[length++] = (byte) c;
    return this;
  }

  /// Inserts behind `at`.
  void insert(int at, byte[] json) {
    ensure(json.length);
    System.arraycopy(bytes, at, bytes, at + json.length, length - at);
    System.arraycopy(json, 0, bytes, at, json.length);
    length += json.length;
  }

  public JsonBytes string(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    raw('"');
    escaped(utf8, 0, utf8.length);
    return raw('"');
  }

  /// A column's text as a string, or `null`.
  JsonBytes value(Tuple row, int column) {
    int size = row.length(column);
    if (size < 0) {
      return raw("null");
    }
    raw('"');
    escaped(row.array(), row.start(column), size);
    return raw('"');
  }

  /// The inside of a string.
  void escaped(byte[] utf8, int start, int size) {
    ensure(size);
    for (int i = start; i < start + size; i++) {
      byte c = utf8[i];
      if (c >= 0 && c < 0x20) {
        control(c);
      } else if (c == '"' || c == '\\') {
        ensure(2 + start + size - i);
        bytes[length++] = '\\';
        bytes[length++] = c;
      } else {
        ensure(1);
        bytes[length++] = c;
      }
    }
  }

  private void control(byte c) {
    ensure(6);
    bytes[length++] = '\\';
    switch (c) {
      case '\n' -> bytes[length++] = 'n';
      case '\r' -> bytes[length++] = 'r';
      case '\t' -> bytes[length++] = 't';
      default -> {
        bytes[length++] = 'u';
        bytes[length++] = '0';
        bytes[length++] = '0';
        bytes[length++] = HEX[c >> 4];
        bytes[length++] = HEX[c & 15];
      }
    }
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
