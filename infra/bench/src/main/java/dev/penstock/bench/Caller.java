package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;

/// One HTTP/1.1 connection that costs the load generator as little as can be.
final class Caller implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final String head;

  /// @param path of every POST
  Caller(int port, String path, String token) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(30_000);
    in = new BufferedInputStream(socket.getInputStream(), 4 << 10);
    head =
        "POST "
            + path
            + " HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: Bearer "
            + token
            + "\r\ncontent-length: ";
  }

  /// @throws IOException also if the answer is not 200
  void post(String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    byte[] start = (head + bytes.length + "\r\n\r\n").getBytes(US_ASCII);
    byte[] all = new byte[start.length + bytes.length];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(bytes, 0, all, start.length, bytes.length);
    socket.getOutputStream().write(all);
    String status = line();
    int length = -1;
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
    }
    if (chunked) {
      for (int size = chunk(); ; size = chunk()) {
        in.skipNBytes(size);
        line();
        if (size == 0) {
          break;
        }
      }
    } else {
      in.skipNBytes(Math.max(0, length));
    }
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException(status);
    }
  }

  private int chunk() throws IOException {
    return Integer.parseInt(line().strip(), 16);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
