package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Nobody can tell another's conversation from one that does not exist: the answers are the same to
/// the byte, and so is the work, counted as the bytes that go to the database and come from it.
/// That measure has no noise, where the time of an answer is nothing else.
class ForbiddenLikeMissingTest {
  private static final int PROBES = 40;

  @Test
  void anothersAndNobodysCostTheSameAndAreAnsweredTheSame() {
    TwoTenants tenants = new TwoTenants(TestGateway.migratedDatabase(), 1);
    AttackWorld world = AttackWorld.of(tenants);
    try (Relay database = new Relay(URI.create(tenants.database.substring(5)));
        AttackedGateway gateway =
            new AttackedGateway(
                world,
                Map.of(
                    "penstock.gateway.database-url",
                    tenants.database.replaceFirst(
                        "//[^/]+/", "//127.0.0.1:" + database.port() + "/"),
                    "penstock.gateway.database-connections",
                    1))) {
      // The driver prepares a query for good after its fifth use.
      for (int i = 0; i < 12; i++) {
        ask(gateway, world, UUID.randomUUID().toString());
      }
      List<String> answers = new ArrayList<>();
      List<Long> work = new ArrayList<>();

      for (int i = 0; i < PROBES; i++) {
        long before = database.bytes();
        answers.add(
            ask(
                gateway,
                world,
                i % 2 == 0
                    ? tenants.conversationsOf(TwoTenants.BOB).get(i % 3).toString()
                    : UUID.randomUUID().toString()));
        work.add(database.bytes() - before);
      }

      assertThat(answers)
          .allMatch(answer -> answer.startsWith("HTTP/1.1 403 "))
          .containsOnly(answers.getFirst());
      assertThat(work).allMatch(bytes -> bytes > 0).containsOnly(work.getFirst());
    }
  }

  private static String ask(AttackedGateway gateway, AttackWorld world, String conversation) {
    String body =
        "{\"table\":\"messages\",\"params\":{\"conversationId\":\"%s\"}}".formatted(conversation);
    return new Attack(
            "probe",
            "POST /shapes/auth-token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(world.login(), body.length(), body),
            Attack.NOTHING,
            0)
        .sendTo(gateway.port())
        .withoutDate();
  }

  /// Counts what passes in both directions, before it passes it on.
  private static final class Relay implements AutoCloseable {
    private final ServerSocket server;
    private final URI target;
    private final AtomicLong bytes = new AtomicLong();

    Relay(URI target) {
      this.target = target;
      try {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
      var _ = Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return server.getLocalPort();
    }

    long bytes() {
      return bytes.get();
    }

    private void accept() {
      while (!server.isClosed()) {
        try {
          Socket client = server.accept();
          Socket upstream = new Socket(target.getHost(), target.getPort());
          client.setTcpNoDelay(true);
          upstream.setTcpNoDelay(true);
          var _ = Thread.ofVirtual().start(() -> copy(client, upstream));
          var _ = Thread.ofVirtual().start(() -> copy(upstream, client));
        } catch (IOException closed) {
          return;
        }
      }
    }

    private void copy(Socket from, Socket to) {
      try (from;
          to;
          InputStream in = from.getInputStream();
          OutputStream out = to.getOutputStream()) {
        byte[] buffer = new byte[8_192];
        int read;
        while ((read = in.read(buffer)) >= 0) {
          bytes.addAndGet(read);
          out.write(buffer, 0, read);
          out.flush();
        }
      } catch (IOException closed) {
        // The other direction ends with it.
      }
    }

    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
