package dev.penstock.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

final class Ports {
  /// Below the range from which Linux and macOS take the ports of outgoing connections: such a port
  /// stays free while its server restarts.
  private static final int LOWEST = 20_000;

  private static final int HIGHEST = 32_000;
  private static final int CONNECT_MILLIS = 500;
  private static final SecureRandom RANDOM = new SecureRandom();

  /// Not yet bound perhaps: Postgres and Kafka choose at the same time.
  private static final Set<Integer> CHOSEN = ConcurrentHashMap.newKeySet();

  private Ports() {}

  static InetAddress loopback() {
    try {
      return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The port itself, or a free one for 0.
  static int orFree(int port) {
    if (port != 0) {
      return port;
    }
    for (int i = 0; i < 1_000; i++) {
      int candidate = RANDOM.nextInt(LOWEST, HIGHEST);
      if (isFree(candidate) && CHOSEN.add(candidate)) {
        return candidate;
      }
    }
    throw new StackException(
        "There is no free port between " + LOWEST + " and " + HIGHEST + " on 127.0.0.1.");
  }

  static void requireFree(int port, String purpose, Path directory) {
    if (!isFree(port)) {
      throw StackException.busyPort(port, purpose, directory);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(loopback(), port), 1);
    } catch (IOException e) {
      return false;
    }
    // macOS lets a specific address be bound beside somebody's wildcard.
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(loopback(), port), CONNECT_MILLIS);
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
