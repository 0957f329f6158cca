package dev.penstock.bridge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.SocketFactory;

/// Makes pgjdbc's sockets for a replication connection, so that their owner can wait on them
/// outside of the driver's lock. pgjdbc makes the factory by its class's name, with the term's id.
///
/// Debezium opens short-lived connections beside the one that streams, with the same properties:
/// hence all sockets of an id are kept, and exactly one must be open when the stream starts.
public final class WaitableSockets extends SocketFactory {
  private static final Map<String, List<WaitableSocket>> SOCKETS = new ConcurrentHashMap<>();

  private final String id;

  /// @param id the value of pgjdbc's `socketFactoryArg`
  public WaitableSockets(String id) {
    this.id = id;
  }

  /// The only open socket of `id`.
  static WaitableSocket onlyOpen(String id) {
    List<WaitableSocket> sockets = SOCKETS.getOrDefault(id, List.of());
    sockets.removeIf(Socket::isClosed);
    if (sockets.size() != 1) {
      throw new IllegalStateException(
          "the replication connection has " + sockets.size() + " open sockets instead of one");
    }
    return sockets.getFirst();
  }

  /// Closes what is left of `id`.
  static void forget(String id) {
    List<WaitableSocket> sockets = SOCKETS.remove(id);
    if (sockets == null) {
      return;
    }
    for (WaitableSocket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Override
  public Socket createSocket() {
    WaitableSocket socket = new WaitableSocket();
    SOCKETS.computeIfAbsent(id, _ -> new CopyOnWriteArrayList<>()).add(socket);
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw unconnectedOnly();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw unconnectedOnly();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw unconnectedOnly();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw unconnectedOnly();
  }

  private static UnsupportedOperationException unconnectedOnly() {
    return new UnsupportedOperationException("pgjdbc connects its sockets itself");
  }
}
