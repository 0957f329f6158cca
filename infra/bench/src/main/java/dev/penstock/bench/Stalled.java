package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/// A client that asks for a snapshot and then takes nothing of it.
final class Stalled implements AutoCloseable {
  private final Socket socket = new Socket();

  Stalled(Target target) throws IOException {
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(target.server().getHost(), target.server().getPort()));
    String authorization =
        target.token() == null ? "" : "Authorization: Bearer " + target.token() + "\r\n";
    socket
        .getOutputStream()
        .write(
            "GET %s&offset=-1 HTTP/1.1\r\nHost: bench\r\n%s\r\n"
                .formatted(target.path(), authorization)
                .getBytes(US_ASCII));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
