package dev.penstock.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A TCP proxy on 127.0.0.1 that can do to its connections what networks do.
///
/// A black hole keeps connections open and passes nothing, new ones included; what was sent
/// meanwhile arrives when it is healed, as TCP's repetitions would. A cut resets what is open and
/// refuses what is new.
public final class TcpProxy implements AutoCloseable {
  private static final int BACKLOG = 128;

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private int target;
  private boolean holding;
  private boolean refusing;
  private boolean closed;
  private Duration delay = Duration.ZERO;

  private TcpProxy(ServerSocket server) {
    this.server = server;
  }

  /// Listens on a free port; connections wait until [#target(int)] says where to.
  public static TcpProxy open() {
    try {
      ServerSocket server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(Ports.loopback(), Ports.orFree(0)), BACKLOG);
      TcpProxy proxy = new TcpProxy(server);
      Thread.ofVirtual().name("tcp-proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new StackException("A proxy could not listen on 127.0.0.1.", e);
    }
  }

  /// Listens on a free port and passes on to another.
  ///
  /// @param port on 127.0.0.1
  public static TcpProxy to(int port) {
    TcpProxy proxy = open();
    proxy.target(port);
    return proxy;
  }

  public int port() {
    return server.getLocalPort();
  }

  public synchronized void target(int port) {
    target = port;
    notifyAll();
  }

  /// Nothing passes any more, and nobody is told.
  public synchronized void blackHole() {
    holding = true;
  }

  /// Resets all connections and each new one.
  public synchronized void cut() {
    refusing = true;
    reset();
  }

  /// Resets all connections; new ones pass.
  public synchronized void reset() {
    open.forEach(TcpProxy::abort);
  }

  /// Each piece of data waits so long, in each direction.
  public synchronized void delay(Duration each) {
    delay = each;
  }

  public synchronized void heal() {
    holding = false;
    refusing = false;
    delay = Duration.ZERO;
    notifyAll();
  }

  private void accept() {
    while (true) {
      try {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().name("tcp-proxy").start(() -> connect(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    Socket upstream = new Socket();
    try {
      int port = awaitPassage();
      open.add(upstream);
      upstream.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
      upstream.connect(new InetSocketAddress(Ports.loopback(), port), 5_000);
      Thread back = Thread.ofVirtual().name("tcp-proxy").start(() -> pump(upstream, client));
      pump(client, upstream);
      back.join();
    } catch (IOException e) {
      abort(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      abort(upstream);
      abort(client);
      open.remove(client);
      open.remove(upstream);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        var _ = awaitPassage();
        out.write(buffer, 0, count);
      }
      to.shutdownOutput();
    } catch (IOException e) {
      abort(from);
      abort(to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int awaitPassage() throws IOException, InterruptedException {
    Duration pause;
    int port;
    synchronized (this) {
      while (holding || (target == 0 && !closed && !refusing)) {
        wait();
      }
      if (refusing || closed) {
        throw new IOException("cut");
      }
      pause = delay;
      port = target;
    }
    if (!pause.isZero()) {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    }
    return port;
  }

  /// With a reset instead of an orderly end.
  private static void abort(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is closed already.
      return;
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new StackException("A proxy could not be closed.", e);
    } finally {
      synchronized (this) {
        closed = true;
        holding = false;
        notifyAll();
      }
      reset();
    }
  }
}
