package dev.penstock.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Asks and then takes what it is told to, from a small buffer of the kernel's.
final class StalledClient implements AutoCloseable {
  private final Socket socket = new Socket();

  StalledClient(int port, String pathAndQuery, String token) {
    try {
      socket.setReceiveBufferSize(4_096);
      socket.setSoTimeout(20_000);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n"
                  .formatted(pathAndQuery, token)
                  .getBytes(StandardCharsets.US_ASCII));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Reads to the end of the chunked answer or of the connection, at most `most` bytes; the bytes
  /// read.
  long read(long most) {
    byte[] buffer = new byte[64 * 1024];
    long read = 0;
    try {
      while (read < most) {
        int count =
            socket.getInputStream().read(buffer, 0, (int) Math.min(buffer.length, most - read));
        if (count < 0) {
          return read;
        }
        read += count;
      }
    } catch (IOException reset) {
      return read;
    }
    return read;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
