package dev.penstock.command.txid;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.UUID;

/// An instance that says one thing of every transaction, so that several can stand at different
/// places. The real one answers in the launcher's tests.
final class ShapeServerStub implements AutoCloseable {
  private final HttpServer server;

  private ShapeServerStub(int status, String answer) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/transactions/",
        exchange -> {
          byte[] bytes = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  /// @param releasedMicros since 1970, -1 where it does not know
  static ShapeServerStub at(UUID generation, long position, long releasedMicros)
      throws IOException {
    return new ShapeServerStub(
        200,
        "{\"generation\":\"%s\",\"position\":\"%s\",\"releasedMicros\":%s}"
            .formatted(
                generation,
                Long.toUnsignedString(position),
                releasedMicros < 0 ? "null" : Long.toString(releasedMicros)));
  }

  static ShapeServerStub failing() throws IOException {
    return new ShapeServerStub(503, "{}");
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
