package dev.penstock.shapes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/// Many connections that send a request and read nothing: little memory of the client's own.
final class RawClients implements AutoCloseable {
  private final InetSocketAddress address;
  private final List<SocketChannel> channels = new ArrayList<>();

  RawClients(Client server) {
    URI uri = URI.create(server.base());
    address = new InetSocketAddress(uri.getHost(), uri.getPort());
  }

  /// @param receiveBytes the size of the socket's buffer, 0 for the system's own
  void send(String path, int receiveBytes) {
    try {
      SocketChannel channel = SocketChannel.open();
      if (receiveBytes > 0) {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBytes);
      }
      channel.connect(address);
      ByteBuffer request =
          ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n").getBytes(US_ASCII));
      while (request.hasRemaining()) {
        channel.write(request);
      }
      channels.add(channel);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  int size() {
    return channels.size();
  }

  /// The heap in use, in bytes, after a collection.
  static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least =
          Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return least;
  }

  @Override
  public void close() {
    for (SocketChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
