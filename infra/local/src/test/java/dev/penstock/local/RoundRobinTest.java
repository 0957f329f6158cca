package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RoundRobinTest {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /// Says its port to whoever asks, and whether it is ready.
  private static final class Server implements AutoCloseable {
    final AtomicBoolean ready = new AtomicBoolean(true);
    private final HttpServer server;

    Server() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            boolean health = exchange.getRequestURI().getPath().equals("/health");
            byte[] port = Integer.toString(port()).getBytes(UTF_8);
            exchange.getResponseHeaders().set("Connection", "close");
            exchange.sendResponseHeaders(health && !ready.get() ? 503 : 200, port.length);
            exchange.getResponseBody().write(port);
            exchange.close();
          });
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.start();
    }

    int port() {
      return server.getAddress().getPort();
    }

    void end() {
      server.stop(0);
    }

    @Override
    public void close() {
      end();
    }
  }

  private static RoundRobin before(int... ports) throws IOException {
    return RoundRobin.start(
        "test", "127.0.0.1", 0, java.util.Arrays.stream(ports).boxed().toList(), "/health");
  }

  private static int ask(RoundRobin before) throws IOException, InterruptedException {
    return Integer.parseInt(
        HTTP.send(
                // A GET the client would repeat by itself.
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + before.port() + "/"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .timeout(Duration.ofSeconds(20))
                    .build(),
                BodyHandlers.ofString())
            .body());
  }

  @Test
  void whoeverIsNotReadyOrNotThereIsPassedOverAndComesBack() throws Exception {
    try (Server one = new Server();
        Server two = new Server();
        RoundRobin before = before(one.port(), two.port())) {
      assertThat(both(before)).containsExactlyInAnyOrder(one.port(), two.port());

      one.ready.set(false);
      await().atMost(Duration.ofSeconds(10)).until(() -> both(before).equals(Set.of(two.port())));

      one.ready.set(true);
      await().atMost(Duration.ofSeconds(10)).until(() -> both(before).size() == 2);

      // At once: nobody has asked for its health since.
      two.end();
      assertThat(List.of(ask(before), ask(before), ask(before))).containsOnly(one.port());
    }
  }

  private static Set<Integer> both(RoundRobin before) throws IOException, InterruptedException {
    return new HashSet<>(List.of(ask(before), ask(before), ask(before), ask(before)));
  }

  /// As a process that was stopped: the kernel takes its connections, and nobody reads them.
  @Test
  void aRequestToAnInstanceThatHangsFailsWithinSecondsAndTheNextOneGoesElsewhere()
      throws Exception {
    try (Server one = new Server();
        ServerSocket hangs = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        RoundRobin before = before(hangs.getLocalPort(), one.port())) {
      long begun = System.nanoTime();
      Throwable reset = catchThrowable(() -> ask(before));
      assertThat(reset).isInstanceOf(IOException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      assertThat(List.of(ask(before), ask(before), ask(before))).containsOnly(one.port());
    }
  }
}
