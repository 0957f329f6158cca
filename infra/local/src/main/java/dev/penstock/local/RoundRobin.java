package dev.penstock.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One port before several instances of a service: each connection goes to the next of them that is
/// ready, or, where none is, to the next that can be reached at all.
///
/// Each is asked for its health twice a second. One that says that it is not ready gets no new
/// connection, and keeps those that it has: it ends them itself, in order. One that twice does not
/// answer within 2 s loses them, so that no client waits longer than 6 s for a process that hangs.
/// It passes bytes and knows no HTTP, and is for one machine: a deployment has a load balancer of
/// its own.
final class RoundRobin implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RoundRobin.class);
  private static final int BACKLOG = 1_024;
  private static final int CONNECT_MILLIS = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long INTERVAL_MILLIS = 500;

  private enum Health {
    READY,
    NOT_READY,
    /// Nothing listens there.
    AWAY,
    /// It takes connections and says nothing.
    SILENT
  }

  private static final class Target {
    final int port;
    final Set<Socket> open = ConcurrentHashMap.newKeySet();
    volatile Health health = Health.READY;

    Target(int port) {
      this.port = port;
    }
  }

  private final String name;
  private final ServerSocket server;
  private final List<Target> targets;
  private final String healthPath;
  private final AtomicInteger next = new AtomicInteger();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private volatile boolean closed;

  private RoundRobin(String name, ServerSocket server, List<Target> targets, String healthPath) {
    this.name = name;
    this.server = server;
    this.targets = targets;
    this.healthPath = healthPath;
  }

  /// Listens from now on.
  ///
  /// @param port 0 chooses a free one
  /// @param ports of the instances, on 127.0.0.1
  /// @param healthPath answers 200 where an instance is ready
  static RoundRobin start(
      String name, String address, int port, List<Integer> ports, String healthPath)
      throws IOException {
    ServerSocket server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(address, port), BACKLOG);
    RoundRobin started =
        new RoundRobin(name, server, ports.stream().map(Target::new).toList(), healthPath);
    Thread.ofPlatform().daemon().name(name + "-round-robin").start(started::accept);
    for (Target target : started.targets) {
      Thread.ofPlatform().daemon().name(name + "-health").start(() -> started.watch(target));
    }
    return started;
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = server.accept();
        Thread.ofVirtual().name(name).start(() -> serve(client));
      } catch (IOException e) {
        log.atDebug().setCause(e).log("no more connections");
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      if (!connect(client)) {
        log.atWarn().addKeyValue("service", name).log("no instance can be reached");
      }
    } catch (IOException | InterruptedException e) {
      // Of one connection, and its two ends see it.
      log.atTrace().setCause(e).log("connection ended");
    }
  }

  /// Passes bytes until both ends are done.
  ///
  /// @return false if nobody could be reached
  private boolean connect(Socket client) throws IOException, InterruptedException {
    int first = next.getAndIncrement();
    for (Health wanted : Health.values()) {
      for (int i = 0; i < targets.size(); i++) {
        Target target = targets.get(Math.floorMod(first + i, targets.size()));
        if (target.health == wanted) {
          Socket upstream = new Socket();
          try {
            upstream.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port),
                CONNECT_MILLIS);
          } catch (IOException e) {
            upstream.close();
            continue;
          }
          pass(client, upstream, target.open);
          return true;
        }
      }
    }
    return false;
  }

  private void pass(Socket client, Socket upstream, Set<Socket> connections)
      throws IOException, InterruptedException {
    connections.add(client);
    connections.add(upstream);
    try (upstream) {
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      Thread answers = Thread.ofVirtual().name(name).start(() -> copy(upstream, client));
      copy(client, upstream);
      answers.join();
    } finally {
      connections.remove(client);
      connections.remove(upstream);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      abort(from);
      abort(to);
    }
  }

  /// One thread for each: another that hangs must not delay what this one says.
  private void watch(Target target) {
    int silences = 0;
    while (!closed) {
      Health now = ask(target.port);
      silences = now == Health.SILENT ? silences + 1 : 0;
      // Once is nothing on a machine that is busy.
      if (silences != 1) {
        note(target, now);
      }
      if (silences > 1) {
        target.open.forEach(RoundRobin::abort);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void note(Target target, Health now) {
    if (target.health != now) {
      target.health = now;
      log.atInfo()
          .addKeyValue("service", name)
          .addKeyValue("port", target.port)
          .addKeyValue("health", now)
          .log("an instance changed");
    }
  }

  private Health ask(int port) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + healthPath))
            .timeout(PATIENCE)
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200
          ? Health.READY
          : Health.NOT_READY;
    } catch (HttpTimeoutException e) {
      return Health.SILENT;
    } catch (IOException e) {
      // What it still has under way, it ends itself.
      return Health.AWAY;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Health.AWAY;
    }
  }

  /// With a reset: the other end shall not wait for what does not come.
  private static void abort(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      log.atTrace().setCause(e).log("closed already");
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      server.close();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("closed already");
    }
    targets.forEach(target -> target.open.forEach(RoundRobin::abort));
    http.shutdownNow();
  }
}
