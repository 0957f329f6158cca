package dev.penstock.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// A socket whose one reader can wait for bytes without taking them: they go into a read-ahead
/// buffer that the driver reads from later.
final class WaitableSocket extends Socket {
  private final ReadAhead input = new ReadAhead();

  @Override
  public InputStream getInputStream() throws IOException {
    input.source = super.getInputStream();
    return input;
  }

  /// Waits until there is something to read. Called by the thread that reads the stream, and by no
  /// other.
  ///
  /// @return false after `timeout`
  /// @throws IOException if the connection is gone
  boolean awaitReadable(Duration timeout) throws IOException {
    if (input.available() > 0) {
      return true;
    }
    int before = getSoTimeout();
    setSoTimeout((int) timeout.toMillis());
    try {
      return input.fill();
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      if (!isClosed()) {
        setSoTimeout(before);
      }
    }
  }

  private static final class ReadAhead extends InputStream {
    private final byte[] buffer = new byte[64 << 10];
    private InputStream source = nullInputStream();
    private int position;
    private int limit;

    /// Blocks for at least one byte.
    private boolean fill() throws IOException {
      int count = source.read(buffer, 0, buffer.length);
      if (count < 0) {
        throw new java.io.EOFException("Postgres closed the replication connection");
      }
      position = 0;
      limit = count;
      return true;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (position == limit) {
        return source.read(target, offset, length);
      }
      int count = Math.min(length, limit - position);
      System.arraycopy(buffer, position, target, offset, count);
      position += count;
      return count;
    }

    @Override
    public int available() throws IOException {
      return limit - position + source.available();
    }
  }
}
